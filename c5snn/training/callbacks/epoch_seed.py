"""Random numbers that depend on the seed and the epoch alone, so that a resumed run repeats an undisturbed one."""

import numpy as np
import torch
from lightning.pytorch import Callback, LightningModule, Trainer

__all__ = ["SeedEachEpoch"]


class SeedEachEpoch(Callback):
    """Reseeds torch when an epoch starts; of several devices each draws numbers of its own.

    Args:
        seed: The run's seed.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def on_train_epoch_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Seed dropout and stochastic encodings for this epoch."""
        del pl_module
        of_device = [trainer.global_rank] if trainer.global_rank else []
        state = np.random.SeedSequence([self.seed, trainer.current_epoch, *of_device]).generate_state(1, np.uint32)
        torch.manual_seed(int(state[0]))
