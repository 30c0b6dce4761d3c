"""One training step, the same for every network: forward, binary cross-entropy, backward, Adam."""

from collections.abc import Callable
from itertools import cycle, islice

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from c5snn.data import EventDataModule
from c5snn.ops import use
from c5snn.tasks import NextEventModule

__all__ = ["Batch", "Recurrent", "adam", "first_batch", "own_optimizer", "train", "training_step", "with_fused_scans"]

Batch = tuple[Tensor, Tensor]


class Recurrent(nn.Module):
    """A conventional recurrent network of the same shape; ``n_copies`` of every window stand for encoding steps."""

    def __init__(self, kind: type[nn.GRU | nn.RNN], hidden_size: int, num_layers: int, n_copies: int) -> None:
        super().__init__()
        self.recurrent = kind(39, hidden_size, num_layers, batch_first=True)
        self.output = nn.Linear(hidden_size, 39)
        self.n_copies = n_copies

    def forward(self, windows: Tensor) -> Tensor:
        """Return one logit per part from ``(batch, window, parts)``."""
        _, last = self.recurrent(windows.repeat(self.n_copies, 1, 1))
        return self.output(last[-1].unflatten(0, (self.n_copies, -1)).mean(0))  # type: ignore[no-any-return]  # a call


def adam(network: nn.Module, *, fused: bool) -> torch.optim.Optimizer:
    """Return Adam in one kernel, as the models of c5snn have it, or as torch's users get it by default."""
    return torch.optim.Adam(network.parameters(), lr=1e-3, fused=fused or None)


def own_optimizer(model: NextEventModule) -> torch.optim.Optimizer:
    """Return the optimizer that a model brings."""
    optimizer = model.configure_optimizers()
    if optimizer is None:
        raise TypeError(f"{type(model).__name__} has nothing to train.")
    return optimizer


def training_step(network: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch) -> Callable[[], None]:
    """Return one step on one batch, to be called again and again."""
    windows, targets = batch

    def step() -> None:
        optimizer.zero_grad()
        loss = F.binary_cross_entropy_with_logits(network(windows), targets)
        loss.backward()
        optimizer.step()

    return step


def with_fused_scans(step: Callable[[], None]) -> Callable[[], None]:
    """Return the same step without compiled scans."""

    def fused_step() -> None:
        with use("fused"):
            step()

    return fused_step


def train(model: NextEventModule, data: EventDataModule, n_steps: int) -> None:
    """Train a model, because the spikes of a new one are few and make surrogate gradients of another kind."""
    data.setup("fit")
    optimizer = own_optimizer(model)
    for batch in islice(cycle(data.train_dataloader()), n_steps):
        training_step(model, optimizer, batch)()


def first_batch(data: EventDataModule) -> Batch:
    """Return the first batch of train."""
    data.setup("fit")
    return next(iter(data.train_dataloader()))
