"""The task of the next event: rank all parts, from a window of past events."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float, Integer
from torch import Tensor
from torch.nn import functional as F

from c5snn.data import EventDataModule
from c5snn.errors import require
from c5snn.evidence import break_ties, inclusion_probabilities
from c5snn.metrics import ExpectedSkill, RankingMetrics
from c5snn.records import Headline
from c5snn.tasks.judged_rankings import TIE_SEED, judge_rankings
from c5snn.tasks.judging import Judgement
from c5snn.tasks.prediction import ItemInputs, Prediction, places_until
from c5snn.tasks.task import Task

__all__ = ["NextEventModule"]


class NextEventModule(Task):
    """Ranks the parts of the next event from a window of past events.

    Abstract, without an ``__init__``. A subclass is final, calls ``save_hyperparameters()`` with plain values only, and
    defines ``forward``. Its loss is the mean binary cross-entropy of the logits, because an event is a set of parts.
    """

    data_class: ClassVar[type[EventDataModule]] = EventDataModule

    @abstractmethod
    def forward(self, windows: Float[Tensor, "batch window parts"]) -> Float[Tensor, "batch parts"]:
        """Return one logit per part from windows of 0/1 rows, oldest event first."""

    def headline(self, data: EventDataModule) -> Headline:
        """Return Recall@K of the data's k."""
        return Headline(f"recall_at_{data.k}", f"Recall@{data.k}", "max")

    def loss(self, outputs: Float[Tensor, "batch parts"], targets: Float[Tensor, "batch parts"]) -> Float[Tensor, ""]:
        """Return the mean binary cross-entropy."""
        return F.binary_cross_entropy_with_logits(outputs, targets)

    def build_metrics(self, data: EventDataModule) -> RankingMetrics:
        """Return Recall, Hit and MRR."""
        return RankingMetrics(data.n_parts, data.n_active, data.k)

    def build_validation_metrics(self, data: EventDataModule) -> RankingMetrics:
        """Return the same and, where the signal is known, the skill by expectation."""
        metrics = self.build_metrics(data)
        if data.has_oracle and data.n_active != "varies":
            theta = data.oracle_scores("val") if data.is_set_up else None
            chances = np.empty((0, data.n_parts)) if theta is None else inclusion_probabilities(theta, data.n_active)
            metrics.add_metrics({"skill": ExpectedSkill(torch.from_numpy(chances).float(), data.k)})
        return metrics

    def missing_metrics(self, data: EventDataModule) -> dict[str, str]:
        """Return the skill, where no signal is known."""
        if data.has_oracle and data.n_active != "varies":
            return {}
        if data.has_oracle:
            return {"val_skill": f"events of one size, but got data.n_active={data.n_active}"}
        found = f"data.path={data.path}" if data.path is not None else f"data.strength={data.strength:g}"
        return {"val_skill": f"a history that was drawn from a signal of a strength other than 0, but got {found}"}

    def answers(self, outputs: Float[Tensor, "items parts"]) -> Integer[np.ndarray, "items parts"]:
        """Return the rankings, tied parts in one order for all windows."""
        return break_ties(outputs.detach().cpu().double().numpy(), TIE_SEED)

    def judge(self, outputs: Float[Tensor, "windows parts"], data: EventDataModule) -> Judgement:
        """Compare the rankings with chance, the popularity baseline and, where it is known, the oracle."""
        scores = outputs.detach().double().cpu().numpy()
        return judge_rankings(scores, data, self.build_metrics(data), self.headline(data))

    def predict_next(self, data: EventDataModule, *, as_of: str | None, top_k: int | None) -> Prediction:
        """Rank the parts of the event that follows the history, or that follows a date.

        Raises:
            ConfigError: The date or ``top_k`` is wrong, or the history up to the date is shorter than the window.
        """
        top_k = data.k if top_k is None else top_k
        require("1 <= top_k <= n_parts", holds=1 <= top_k <= data.n_parts, top_k=top_k, n_parts=data.n_parts)
        n_seen = len(data.history) if as_of is None else data.history.n_until(as_of)
        fix = f"The history up to {as_of or 'its end'} is shorter than the window."
        require("window <= n_events", holds=n_seen >= data.window, window=data.window, n_events=n_seen, fix=fix)
        window = torch.from_numpy(data.history.multi_hot()[n_seen - data.window : n_seen])
        with torch.inference_mode():
            logits = self.eval()(window[None].to(self.device))[0].double().cpu()
        # a score is the logit of a probability only where the model was trained with a likelihood
        chances = logits.sigmoid().tolist() if self.is_trainable else [None] * len(logits)
        order = torch.argsort(logits, descending=True, stable=True)[:top_k].tolist()
        after = str(data.history.dates[n_seen - 1])
        split, identity = data.event(n_seen) if n_seen < len(data.history) else (None, None)
        names = data.part_names
        return Prediction(
            title=f"the event after {after}",
            facts={"after": after},
            columns=("part", *(("name",) if names else ()), "score", "probability"),
            rows=[(part + 1, *names[part : part + 1], float(logits[part]), chances[part]) for part in order],
            split=split,
            identity=identity,
        )

    def inputs_until(self, data: EventDataModule, *, as_of: str | None, item: int, n_items: int) -> ItemInputs:
        """Return the windows of test items, or those that end at a date and at the events before it.

        Raises:
            ConfigError: There is no such item, or the history up to the date is shorter than the window.
        """
        if as_of is None:
            scored = data.scored_events("test")
            ends = scored[np.asarray(places_until(item, len(scored), n_items))].tolist()
        else:
            n_seen = data.history.n_until(as_of)
            fix = f"The history up to {as_of} is shorter than the window."
            require("window <= n_events", holds=n_seen >= data.window, window=data.window, n_events=n_seen, fix=fix)
            ends = list(range(max(data.window, n_seen + 1 - n_items), n_seen + 1))
        events = torch.from_numpy(data.history.multi_hot())
        windows = torch.stack([events[end - data.window : end] for end in ends])
        names = [f"the event after {data.history.dates[end - 1]}" for end in ends]
        return ItemInputs(windows, names, data.label_parts(np.arange(1, data.n_parts + 1)))
