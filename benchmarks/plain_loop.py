"""An epoch as a short script has it: default loader, snnTorch loop, metrics row by row, the best weights saved."""

from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from benchmarks.snntorch_loops import RecurrentLoop, rates
from benchmarks.training_steps import adam, training_step
from c5snn.data import EventDataModule

__all__ = ["PlainRun", "PlainWindows"]


class PlainWindows(Dataset[tuple[Tensor, Tensor]]):
    """Windows one by one, for torch's own loader and collation."""

    def __init__(self, events: Tensor, window: int, targets: range) -> None:
        self.events = events
        self.window = window
        self.targets = targets

    def __len__(self) -> int:
        return len(self.targets)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        target = self.targets[index]
        return self.events[target - self.window : target], self.events[target]

    @classmethod
    def of(cls, data: EventDataModule, split: str) -> "PlainWindows":
        """Return the windows of one split of a data module that is set up."""
        indices: range = getattr(data.splits, split)
        targets = range(data.window + indices.start, data.window + indices.stop)
        return cls(torch.from_numpy(data.history.multi_hot()), data.window, targets)


class PlainRun:
    """A training of the snnTorch loop.

    Args:
        data: A data module that is set up.
        hidden_size: Units of its one layer.
        folder: Where the best weights go.
    """

    def __init__(self, data: EventDataModule, hidden_size: int, folder: Path) -> None:
        self.network = RecurrentLoop(hidden_size, 1, rates(1, 1.0))
        self.optimizer = adam(self.network, fused=False)
        self.train = DataLoader(PlainWindows.of(data, "train"), data.batch_size, shuffle=True)
        self.val = DataLoader(PlainWindows.of(data, "val"), data.batch_size)
        self.folder = folder
        self.best = -1.0

    def epoch(self) -> None:
        """Train on every window of train, score every window of val, keep the weights if they are the best."""
        for batch in self.train:
            training_step(self.network, self.optimizer, batch)()
        scores = self._validate()
        if scores["recall_at_20"] > self.best:
            self.best = scores["recall_at_20"]
            torch.save(self.network.state_dict(), self.folder / "best.pt")

    @torch.no_grad()
    def _validate(self) -> dict[str, float]:
        rows = []
        for windows, targets in self.val:
            logits = self.network(windows)
            loss = F.binary_cross_entropy_with_logits(logits, targets).item()
            rows += [
                {"loss": loss, **_score(row, target)}
                for row, target in zip(logits.tolist(), targets.tolist(), strict=True)
            ]
        return {name: sum(row[name] for row in rows) / len(rows) for name in rows[0]}


def _score(logits: list[float], target: list[float]) -> dict[str, float]:
    ranking = sorted(range(len(logits)), key=lambda part: -logits[part])
    ranks = [rank for rank, part in enumerate(ranking, start=1) if target[part]]
    scores = {"mrr": 1 / ranks[0]}
    for k in (5, 20):
        n_found = sum(rank <= k for rank in ranks)
        scores |= {f"recall_at_{k}": n_found / len(ranks), f"hit_at_{k}": float(n_found > 0)}
    return scores
