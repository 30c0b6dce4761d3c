"""What is found inside a network equals what a hand finds in a tiny one, and what its own forward says."""

from datetime import date, timedelta

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from c5snn.models import GRU, PatchTSTEvents, SpikeGRU, SpikingCNN1D, SpikingMLP, SpikingTransformer
from c5snn.tasks import ItemInputs
from c5snn.training.activity_meter import ActivityMeter, spiking_layers
from c5snn.training.energy import energy_estimates, gru_macs, gru_size
from c5snn.training.inspection import inspect_model, inspect_run
from c5snn.training.multiply_accumulates import count_multiply_accumulates
from c5snn.training.occlusion import MOST_LAGS, occlude
from c5snn.training.run import train

# three events of two parts: part 1, both, none
WINDOW = torch.tensor([[[1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]])


def inspect(model, windows):
    names = [f"item {i}" for i in range(len(windows))]
    features = [f"part {i + 1}" for i in range(windows.shape[2])]
    return inspect_model(model.eval(), ItemInputs(windows, names, features), "window")


@pytest.fixture
def tiny():
    """Two units of beta 0.5: unit 0 adds 0.8 for part 1, unit 1 adds 2 for part 2 and 0.6 for each spike of unit 0."""
    model = SpikeGRU(2, 2, beta=0.5, readout="membrane")
    neuron = model.recurrent.layers[0].neuron
    with torch.no_grad():
        model.input.weight.copy_(torch.tensor([[0.8, 0.0], [0.0, 2.0]]))
        neuron.recurrent.weight.copy_(torch.tensor([[0.0, 0.0], [0.6, 0.0]]))
        model.output.weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 2.0]]))
        for bias in (model.input.bias, neuron.recurrent.bias, model.output.bias):
            bias.zero_()
    return model


def test_spikes_and_membranes_are_those_computed_by_hand(tiny):
    (layer,) = inspect(tiny, WINDOW).layers
    # unit 0: 0.8; 0.4 + 0.8 = 1.2, a spike; 0.6 − 1 = −0.4.  unit 1: 0; 2, a spike; 1 + 0.6 − 1 = 0.6
    assert layer.raster == ((0.0, 1.0, 0.0), (0.0, 1.0, 0.0))
    traces = {trace.unit: trace for trace in layer.traces}
    assert traces[0].membranes == pytest.approx((0.8, 1.2, -0.4))
    assert traces[1].membranes == pytest.approx((0.0, 2.0, 0.6))
    assert layer.firing_rates == pytest.approx((1 / 3, 1 / 3))
    assert (layer.axis, layer.threshold, layer.n_silent, layer.n_saturated) == ("event", 1.0, 0, 0)


def test_the_effect_of_a_lag_and_of_a_part_is_that_computed_by_hand(tiny):
    found = inspect(tiny, WINDOW).occlusion
    # outputs are U and 2·U: −0.4 and 1.2. Without the event at lag 2 nothing fires: 0.2 and 0
    # without lag 3 unit 0 does not fire: 0.8 / 2 = 0.4 and 2·(1 − 1) = 0
    changes = {effect.label: effect.change for effect in found.lags}
    assert changes == pytest.approx({"1": 0.0, "2": (0.6 + 1.2) / 2, "3": (0.8 + 1.2) / 2})
    # without part 1 unit 0 is at rest: 0 and 0; without part 2 unit 1 has the spike of unit 0 alone: −0.4 and 1.2
    assert {effect.label: effect.change for effect in found.features} == pytest.approx(
        {"part 1": (0.4 + 1.2) / 2, "part 2": 0.0}
    )


def test_the_energy_is_that_computed_by_hand(tiny):
    by_events, dense, *grus = inspect(tiny, WINDOW).energy
    # three active parts × 2 units, two spikes × 2 units back; two membranes × 2 outputs are real numbers
    assert (by_events.accumulates, by_events.multiply_accumulates) == (3 * 2 + 2 * 2, 2 * 2)
    assert by_events.nanojoules == pytest.approx((10 * 0.9 + 4 * 4.6) / 1000)
    # every step: 2 parts × 2 units and 2 × 2 back; once 2 × 2 outputs
    assert (dense.accumulates, dense.multiply_accumulates) == (0, 3 * (4 + 4) + 4)
    # of 20 weights; a GRU of one unit has 3·(2 + 1 + 2) + 4 = 19
    assert [estimate.label for estimate in grus] == [
        "a GRU with as many weights (1 units)", "a GRU with as many units (2)"
    ]  # fmt: skip
    assert grus[1].multiply_accumulates == 3 * 3 * 2 * (2 + 2) + 2 * 2


@pytest.mark.parametrize(("size", "layers", "window"), [(3, 1, 4), (5, 2, 7)])
def test_the_operations_of_a_gru_are_those_that_torch_counts(size, layers, window):
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        GRU(4, size, layers)(torch.zeros(1, window, 4))
    assert gru_macs(4, size, layers, window) == counter.get_total_flops() / 2


@pytest.mark.parametrize("n_weights", [100, 1_000, 26_000])
def test_no_gru_has_a_number_of_weights_that_is_nearer(n_weights):
    weights = {size: sum(weight.numel() for weight in GRU(7, size).parameters()) for size in range(1, 100)}
    distance = {size: abs(n - n_weights) for size, n in weights.items()}
    assert distance[gru_size(7, n_weights)] == min(distance.values())


SPIKING = {
    "recurrent": lambda: SpikeGRU(5, 8, 2, readout="membrane"),
    "recurrent, drawn, delayed": lambda: SpikeGRU(5, 8, encoding="rate_coded", rate_max=0.7, delay_lines=2),
    "layers": lambda: SpikingMLP(5, 4, (6, 3), encoding="rate_coded", timesteps=3, init="fluctuation"),
    "convolution": lambda: SpikingCNN1D(5, 6, encoding="rate_coded", timesteps=3, init="fluctuation"),
    "attention": lambda: SpikingTransformer(5, 4, 8, 1, 2, init="fluctuation"),
}


@pytest.fixture(params=SPIKING)
def network(request):
    torch.manual_seed(3)
    return SPIKING[request.param]().eval()


@pytest.fixture
def windows():
    return (torch.rand(6, 4, 5, generator=torch.Generator().manual_seed(1)) < 0.6).float()


def test_rates_and_operations_of_every_spiking_network_are_those_of_its_training_log(network, windows):
    if network.encoder.is_deterministic:
        meter = ActivityMeter(network, lambda outputs: outputs.numpy())
        with torch.no_grad():
            network(windows)
        activity = meter.activity()
        meter.detach()
        found = inspect(network, windows)
        rates = {layer.layer: layer.firing_rate for layer in found.layers}
        assert rates == pytest.approx({layer.layer: layer.firing_rate for layer in activity.layers})
        counted = found.energy[0]
        assert counted.accumulates + counted.multiply_accumulates == pytest.approx(activity.synaptic_operations)
    else:
        assert {layer.layer for layer in inspect(network, windows).layers} == spiking_layers(network).keys()


def test_a_raster_has_the_windows_events_or_the_encoding_steps(network, windows):
    for layer in inspect(network, windows).layers:
        assert len(layer.raster[0]) == (4 if layer.axis == "event" else 3)
        assert len(layer.raster) == len(layer.units) == len(layer.firing_rates)
        assert any(map(any, layer.raster)) or layer.n_silent > 0


def test_an_inspection_leaves_the_network_and_the_random_numbers_as_they_were(network, windows):
    state = torch.get_rng_state()
    inspect(network, windows)
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_hooks for module in network.modules())


def test_drawn_inputs_are_the_same_in_every_forward(windows):
    model = SpikeGRU(5, 8, encoding="rate_coded", rate_max=0.5, readout="membrane")
    silent = windows.clone()
    silent[:, :, 2] = 0
    found = inspect(model, silent).occlusion
    assert "part 3" not in {effect.label for effect in found.features}
    assert found == inspect(model, silent).occlusion


def test_a_row_of_the_window_lies_where_a_convolution_sees_it():
    model = SpikingCNN1D(2, 3, 1, 1, init="fluctuation").eval()
    with torch.no_grad():
        model.layers[0][0].weights.weight.copy_(torch.tensor([[2.0, 0.0], [0.0, 2.0], [2.0, 2.0]])[:, :, None])
        model.layers[0][0].weights.bias.zero_()
    (layer,) = inspect(model, WINDOW).layers
    assert layer.raster == ((1.0, 1.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0, 0.0))


def test_a_network_without_spikes_has_occlusion_and_dense_energy_alone(windows):
    found = inspect(GRU(5, 8), windows)
    assert found.layers == ()
    assert [estimate.accumulates for estimate in found.energy] == [0.0]
    assert found.energy[0].multiply_accumulates == gru_macs(5, 8, 1, 4)
    assert len(found.occlusion.lags) == 4


def test_a_long_window_is_cut_into_blocks_that_cover_it():
    found = occlude(lambda x: x.sum((1, 2))[:, None], torch.ones(1, 100, 1), ["a"])
    assert len(found.lags) <= MOST_LAGS
    assert [found.lags[0].label, found.lags[-1].label] == ["1–3", "100"]
    assert sum(effect.change for effect in found.lags) == 100


@pytest.mark.slow
def test_the_last_item_is_the_one_that_is_asked_for(small_run):
    run = str(small_run.folder)
    first, last = (inspect_run([run], item=item, n_items=3).inspection for item in (0, -1))
    assert (first.n_items, last.n_items) == (1, 3)
    assert (
        last.drawn == f"the event after {date.fromisoformat(small_run.data.facts['last_target']) - timedelta(days=1)}"
    )
    assert inspect_run([run], as_of=last.drawn.split()[-1], n_items=3).inspection == last


def test_dense_operations_of_a_fused_encoder_are_those_of_its_layers():
    model, windows = PatchTSTEvents(window=21, n_parts=5).eval(), torch.zeros(2, 21, 5)
    (dense,) = energy_estimates(model, windows, 2)
    assert dense.multiply_accumulates == count_multiply_accumulates(model, windows[:1])


@pytest.mark.parametrize(
    ("config", "data"),
    [
        ("patchtst.yaml", ["--data.n_rows", "900", "--data.context", "48", "--data.horizon", "8"]),
        ("arc_cnn.yaml", ["--model.width_mult", "0.1"]),
        ("frequency.yaml", ["--data.n_events", "260"]),
    ],
)
@pytest.mark.slow
@pytest.mark.usefixtures("workdir")
def test_every_task_has_what_makes_sense_for_it(config, data):
    run = train(["--config", config, *data, "--trainer.max_epochs", "1"])
    found = inspect_run([str(run.folder)], n_items=2).inspection
    assert found.layers == ()
    assert (found.occlusion is None) == config.startswith("arc")
    assert found.energy[0].multiply_accumulates > 0
