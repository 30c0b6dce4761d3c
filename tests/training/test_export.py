"""An exported file computes what the network computes, at any batch size, or is not kept."""

import pytest
import torch

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.models import GRU, MLP, LagKernel, SpikeGRU, SpikingCNN1D, SpikingMLP, SpikingTransformer
from c5snn.training.export import export_run, exported_bytes

MODELS = {
    "recurrent": lambda: SpikeGRU(5, 8, 2, delay_lines=2, skip=True, readout="prelu", beta=[0.0, 0.9]),
    "copies": lambda: SpikeGRU(5, 8, encoding="rate_coded"),
    "layers": lambda: SpikingMLP(5, 4, (6, 3)),
    "convolution": lambda: SpikingCNN1D(5, 6, init="fluctuation"),
    "attention": lambda: SpikingTransformer(5, 4, 8, 1, 2),
    "conventional": lambda: GRU(5, 8),
    "feed-forward": lambda: MLP(5, 4),
    "kernel": lambda: LagKernel(5, 4),
}


@pytest.fixture
def windows():
    return (torch.rand(9, 4, 5, generator=torch.Generator().manual_seed(1)) < 0.6).float()


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_the_file_gives_the_networks_outputs_at_any_batch_size(name, windows):
    torch.manual_seed(0)
    model = MODELS[name]().eval()
    _, run = exported_bytes(model, windows[:2], "pt2")
    for size in (1, 2, 5, 9):
        torch.testing.assert_close(run(windows[:size]), model(windows[:size]).detach())


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_onnx_runtime_gives_the_networks_outputs_at_any_batch_size(name, windows):
    pytest.importorskip("onnxscript")
    pytest.importorskip("onnxruntime")
    torch.manual_seed(0)
    model = MODELS[name]().eval()
    _, run = exported_bytes(model, windows[:2], "onnx")
    for size in (1, 5, 9):
        torch.testing.assert_close(run(windows[:size]), model(windows[:size]).detach(), rtol=1e-4, atol=1e-5)


def test_a_network_that_draws_is_refused(windows):
    model = SpikeGRU(5, 8, encoding="rate_coded", rate_max=0.5, readout="membrane").eval()
    with pytest.raises(ConfigError, match="draws spikes at random"):
        exported_bytes(model, windows, "pt2")


class Branching(torch.nn.Module):
    """Asks what no trace can know."""

    def forward(self, inputs):
        return inputs.sum(1) if float(inputs.sum()) > 0 else inputs.mean(1)


def test_what_cannot_be_traced_is_one_sentence(windows):
    with pytest.raises(ConfigError, match=r"^Branching cannot be exported as pt2: [^\n]*$"):
        exported_bytes(Branching(), windows, "pt2")


@pytest.mark.slow
def test_a_run_is_exported_into_its_folder(small_run, capsys):
    assert main(["export", str(small_run.folder)]) == 0
    said = capsys.readouterr().out
    assert "SpikeGRU: inputs of (batch, 5, 39), any batch" in said
    assert "at batch sizes 1, 2, 3, 7, 32: 0" in said
    assert torch.export.load(small_run.folder / "model.pt2").module()(torch.zeros(4, 5, 39)).shape == (4, 39)


@pytest.mark.slow
def test_a_network_on_grids_is_refused(workdir):
    main(["fit", "--config", "arc_majority.yaml", "--data.n_per_category", "10"])
    with pytest.raises(ConfigError, match="must take one tensor"):
        export_run([str(workdir / "lightning_logs/arc_majority")], form="pt2")
