"""What the optimizer's options change, and what they leave to the model."""

import pytest

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
