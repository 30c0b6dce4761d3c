"""A batch in parts makes the step of the whole batch; what would train otherwise is refused."""

import pytest
import torch
from lightning.pytorch import Callback, Trainer

from c5snn.data import ArcDataModule, EventDataModule, SeriesDataModule
from c5snn.errors import ConfigError
from c5snn.models import PatchTST, SpikeGRU
from tests.tasks.one_layer import OneLayer


class Gradients(Callback):
    """Keeps the gradients of each step, in the order of the parameters."""

    def __init__(self):
        self.found = []

    def on_before_optimizer_step(self, trainer, pl_module, optimizer):  # noqa: ARG002
        self.found.append(torch.cat([p.grad.flatten() for p in pl_module.parameters() if p.grad is not None]))


def series(micro_batch):
    data = SeriesDataModule(
        n_rows=400, n_channels=2, context=24, horizon=6, batch_size=32, micro_batch=micro_batch, min_val_windows=10
    )
    model = PatchTST(
        n_channels=2, context=24, horizon=6, variant="mixing", patch=8, d_model=8, num_layers=1, dropout=0.0
    )
    return model, data


def events(micro_batch):
    return SpikeGRU(hidden_size=8), EventDataModule(n_events=300, batch_size=32, micro_batch=micro_batch)


def tasks(micro_batch):
    return OneLayer(), ArcDataModule(n_per_category=6, max_side=6, batch_size=8, micro_batch=micro_batch)


def fitted(make, micro_batch, **options):
    torch.manual_seed(0)
    model, data = make(micro_batch)
    gradients = Gradients()
    trainer = Trainer(
        max_epochs=1,
        accelerator="cpu",
        precision="64-true",  # so that only a wrong weight is seen, not the order of a sum
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[gradients],
        **options,
    )
    # without a step the weights stay, so that each gradient is of the same network
    model.configure_optimizers = lambda: torch.optim.SGD(model.parameters(), lr=0.0)
    trainer.fit(model, data)
    return gradients.found, trainer, data


@pytest.fixture(scope="module", params=[series, events, tasks], ids=lambda make: make.__name__)
def pair(request):
    """The same epoch with whole batches and in parts."""
    return fitted(request.param, None), fitted(request.param, 2)


def test_accumulated_gradients_equal_those_of_the_whole_batch_the_last_group_included(pair):
    (expected, whole, data), (found, parts, _) = pair
    assert len(data.train_dataloader().order) % data.batch_size, "the last batch must be a smaller one"
    assert len(found) == len(expected) == whole.global_step == parts.global_step
    for one, two in zip(found, expected, strict=True):
        assert two.abs().max() > 1e-4
        torch.testing.assert_close(one, two, rtol=0, atol=1e-9)
    loss = whole.callback_metrics["train_loss"]
    assert float(parts.callback_metrics["train_loss"]) == pytest.approx(float(loss), rel=1e-6)


def test_validation_does_not_depend_on_the_micro_batch(pair):
    (_, whole, _), (_, parts, _) = pair
    logged = {name for name in whole.callback_metrics if name.startswith("val_")}
    assert len(logged) >= 3
    for name in logged:
        expected = float(whole.callback_metrics[name])
        assert float(parts.callback_metrics[name]) == pytest.approx(expected, abs=1e-6), name


def test_micro_batches_add_up_over_the_batches_that_a_step_accumulates():
    (whole, *_), (parts, *_) = (fitted(series, size, accumulate_grad_batches=2) for size in (None, 8))
    assert len(parts) == len(whole)
    for one, two in zip(parts, whole, strict=True):
        torch.testing.assert_close(one, two, rtol=0, atol=1e-9)


def test_a_model_sees_no_more_than_a_micro_batch_at_once():
    model, data = series(8)
    seen = []
    model.register_forward_hook(lambda _module, inputs, _outputs: seen.append((model.training, len(inputs[0]))))
    trainer = Trainer(
        max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(model, data)
    assert max(n for is_training, n in seen if is_training) == 8
    assert max(n for is_training, n in seen if not is_training) == 32


def test_a_model_with_batch_statistics_refuses_them_with_the_reason():
    _, data = series(8)
    model = PatchTST(n_channels=2, context=24, horizon=6, patch=8, d_model=8, num_layers=1)
    trainer = Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False)
    with pytest.raises(
        ConfigError, match=r"batch normalisation, but is 8: the PatchTST would .* 8 items instead of 32"
    ):
        trainer.fit(model, data)


@pytest.mark.parametrize("size", [0, -1, 3, 64])
@pytest.mark.parametrize("data_class", [SeriesDataModule, EventDataModule, ArcDataModule])
def test_a_micro_batch_divides_the_batch(data_class, size):
    with pytest.raises(ConfigError, match="micro_batch divides batch_size"):
        data_class(batch_size=32, micro_batch=size)
