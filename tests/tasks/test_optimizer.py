"""The optimizer that a model brings: Adam, whichever kernel computes it."""

import copy

import pytest
import torch
from lightning.pytorch import Trainer

from c5snn.data import EventDataModule
from c5snn.models import SpikeGRU


@pytest.fixture
def model():
    torch.manual_seed(0)
    return SpikeGRU(hidden_size=8, readout="membrane")


def train(model, optimizer, n_steps):
    generator = torch.Generator().manual_seed(1)
    for _ in range(n_steps):
        windows = (torch.rand(4, 6, 39, generator=generator) < 0.2).float()
        optimizer.zero_grad()
        model(windows).square().mean().backward()
        optimizer.step()


def largest_difference(model, other):
    pairs = zip(model.parameters(), other.parameters(), strict=True)
    return max((one - two).abs().max().item() for one, two in pairs)


def test_it_steps_as_adam_does(model):
    plain, untrained = copy.deepcopy(model), copy.deepcopy(model)
    train(model, model.configure_optimizers(), n_steps=3)
    train(plain, torch.optim.Adam(plain.parameters(), lr=1e-3, foreach=False, fused=False), n_steps=3)
    assert largest_difference(model, plain) < 1e-6
    assert largest_difference(model, untrained) > 1e-3


def test_it_goes_on_from_the_state_of_a_plain_adam(model):
    plain = torch.optim.Adam(model.parameters(), lr=1e-3)
    train(model, plain, n_steps=2)
    other = copy.deepcopy(model)
    resumed = other.configure_optimizers()
    resumed.load_state_dict(copy.deepcopy(plain.state_dict()))
    train(model, plain, n_steps=2)
    train(other, resumed, n_steps=2)
    assert largest_difference(model, other) < 1e-6


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed"])
def test_gradients_can_be_clipped_at_every_precision(model, precision):
    untrained = copy.deepcopy(model)
    data = EventDataModule(n_events=60, window=5)
    quiet = dict.fromkeys(["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False)
    trainer = Trainer(precision=precision, gradient_clip_val=0.5, max_steps=1, accelerator="cpu", **quiet)
    trainer.fit(model, data)
    assert largest_difference(model, untrained) > 1e-4
