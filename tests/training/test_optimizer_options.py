"""What the optimizer's options change, and what they leave to the model."""

import pytest
import torch

from c5snn.training.lightning_cli import C5CLI


def optimizer_of(*words):
    return C5CLI(["--config", "gru.yaml", *words]).model.configure_optimizers()


def test_the_learning_rate_alone_changes_the_learning_rate_of_adam():
    optimizer = optimizer_of("--optimizer.lr", "0.02")
    assert (type(optimizer).__name__, optimizer.param_groups[0]["lr"]) == ("Adam", 0.02)


@pytest.mark.parametrize("words", [[], ["--optimizer.lr", "0.001"]])
def test_a_model_keeps_the_optimizer_that_it_brings_unless_another_is_named(words):
    assert optimizer_of(*words).param_groups[0]["fused"]


def test_a_model_without_weights_ignores_the_optimizer():
    assert C5CLI(["--config", "frequency.yaml", "--optimizer", "AdamW"]).model.configure_optimizers() is None


WITHOUT_DECAY = ["--optimizer.weight_decay", "0"]


@pytest.mark.parametrize("words", [[], WITHOUT_DECAY])
def test_weight_decay_reaches_what_reads_and_writes_and_nothing_else(words):
    model = C5CLI(["--config", "spike_gru.yaml", *words]).model
    before = {name: weight.detach().clone() for name, weight in model.named_parameters()}
    optimizer = model.configure_optimizers()
    for weight in model.parameters():
        weight.grad = torch.zeros_like(weight)
    optimizer.step()
    shrunk = {name for name, weight in model.named_parameters() if not torch.equal(weight, before[name])}
    assert shrunk == (set() if words else {"input.weight", "input.bias", "output.weight", "output.bias"})


def test_a_schedule_moves_all_groups_of_the_optimizer():
    words = ["--optimizer.lr", "1e-3", "--lr_scheduler", "StepLR", "--lr_scheduler.step_size", "1"]
    connected = C5CLI(["--config", "spike_gru.yaml", *words]).model.configure_optimizers()
    optimizer, schedule = connected["optimizer"], connected["lr_scheduler"]["scheduler"]
    optimizer.step()
    schedule.step()
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([1e-4, 1e-4])


def test_an_optimizer_of_one_group_still_trains_a_model_that_has_two():
    model = C5CLI(["--config", "spike_gru.yaml", "--optimizer", "LBFGS"]).model
    assert len(model.configure_optimizers().param_groups) == 1


@pytest.mark.parametrize(
    ("words", "weight_decay"),
    [
        (["--optimizer", "AdamW"], 0.01),
        (["--optimizer=torch.optim.AdamW"], 0.01),
        (["--optimizer.class_path", "AdamW", "--optimizer.lr", "0.1"], 0.01),
        (["--config", "own.yaml"], 0.01),
        (["--optimizer", "AdamW", "--optimizer.weight_decay", "0"], 0.0),
        (["--optimizer", "SGD"], 0.0),
        ([], 0.0),
    ],
)
def test_an_optimizer_has_its_own_defaults_and_not_those_of_adam(words, weight_decay, workdir):
    (workdir / "own.yaml").write_text("optimizer:\n  class_path: AdamW\n")
    cli = C5CLI(["--model", "GRU", *words])
    assert cli.dump()["optimizer"]["init_args"]["weight_decay"] == weight_decay
    optimizer = cli.model.configure_optimizers()
    assert optimizer.param_groups[0]["weight_decay"] == weight_decay
    name = cli.dump()["optimizer"]["class_path"].rpartition(".")[2]
    assert type(optimizer).__name__ == name
    assert cli.chosen().get("optimizer", "Adam") == name
