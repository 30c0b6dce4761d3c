"""Learning rates over time that torch does not have; named under ``lr_scheduler`` as torch's own are."""

from typing import Literal, final

from torch import Tensor
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler, OneCycleLR

from c5snn.errors import require

__all__ = ["HoldThenDecay", "LinearWarmup", "OneCycle"]

FEWEST_EPOCHS = 4


@final
class HoldThenDecay(LRScheduler):
    """Holds the learning rate for some epochs, then multiplies it each epoch.

    In epoch e, counted from 1: ``lr · first_epoch_factor`` where e = 1, ``lr`` up to ``hold_epochs``, then
    ``lr · gamma^(e − hold_epochs)``.

    Args:
        optimizer: The optimizer.
        hold_epochs: Epochs before the decay, at least 1.
        gamma: Factor of each later epoch, in (0, 1].
        first_epoch_factor: Factor of the first epoch, above 0.

    Raises:
        ConfigError: An argument is out of its range.

    Source: the schedule ``type3`` of the code of Nie et al. (2023), arXiv:2211.14730, with 4 epochs, γ 0.9 and a first
    factor of 1/25, which a one-cycle schedule leaves behind that is built there and not used.
    """

    interval: Literal["epoch", "step"] = "epoch"

    def __init__(
        self, optimizer: Optimizer, hold_epochs: int = 2, gamma: float = 0.9, first_epoch_factor: float = 1.0
    ) -> None:
        require("hold_epochs >= 1", holds=hold_epochs >= 1, hold_epochs=hold_epochs)
        require("0 < gamma <= 1", holds=0 < gamma <= 1, gamma=gamma)
        require("first_epoch_factor > 0", holds=first_epoch_factor > 0, first_epoch_factor=first_epoch_factor)
        self.hold_epochs, self.gamma, self.first_epoch_factor = hold_epochs, gamma, first_epoch_factor
        super().__init__(optimizer)

    def get_lr(self) -> list[float | Tensor]:
        """Return the learning rate of each group in this epoch."""
        if self.last_epoch == 0:
            factor = self.first_epoch_factor
        else:
            factor = self.gamma ** max(0, self.last_epoch + 1 - self.hold_epochs)
        return [base * factor for base in self.base_lrs]


@final
class LinearWarmup(LRScheduler):
    """Raises the learning rate linearly over the first steps of the optimizer, then holds it.

    In step s, counted from 1: ``lr · min(1, s / warmup_steps)``.

    Args:
        optimizer: The optimizer.
        warmup_steps: Steps until the learning rate is reached, at least 1.

    Raises:
        ConfigError: ``warmup_steps`` is below 1.

    Source: Goyal et al. (2017), Accurate, Large Minibatch SGD, sec. 2.2, arXiv:1706.02677.
    """

    interval: Literal["epoch", "step"] = "step"

    def __init__(self, optimizer: Optimizer, warmup_steps: int = 100) -> None:
        require("warmup_steps >= 1", holds=warmup_steps >= 1, warmup_steps=warmup_steps)
        self.warmup_steps = warmup_steps
        super().__init__(optimizer)

    def get_lr(self) -> list[float | Tensor]:
        """Return the learning rate of each group in this step."""
        return [base * min(1.0, (self.last_epoch + 1) / self.warmup_steps) for base in self.base_lrs]


@final
class OneCycle(OneCycleLR):
    """Raises the learning rate to the optimizer's own in the first 30 % of the epochs, then lowers it to nearly 0.

    It is torch's ``OneCycleLR`` with the optimizer's learning rate as its peak, so that option goes on to decide it.
    Both parts follow a cosine, from lr/25 and to lr/250,000; momentum, or Adam's β₁, goes from .95 to .85 and back.

    Args:
        optimizer: The optimizer.
        n_epochs: The epochs of the whole cycle, at least 4; those of the run, which may have fewer and not more.

    Raises:
        ConfigError: ``n_epochs`` is below 4.

    Source: Smith & Topin (2018), Super-convergence, arXiv:1708.07120.
    """

    interval: Literal["epoch", "step"] = "epoch"

    def __init__(self, optimizer: Optimizer, n_epochs: int = 40) -> None:
        fix = "The first 30 % have to be an epoch."
        require("n_epochs >= 4", holds=n_epochs >= FEWEST_EPOCHS, n_epochs=n_epochs, fix=fix)
        peaks = [group["lr"] for group in optimizer.param_groups]
        super().__init__(optimizer, max_lr=peaks, total_steps=n_epochs)
