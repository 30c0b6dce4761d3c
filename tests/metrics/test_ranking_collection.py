"""The five logged metrics as one collection: names, independence, one look at the ties, and life inside Lightning."""

import pytest
import torch
from lightning.pytorch import LightningModule, Trainer
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.data import DataLoader, TensorDataset

from c5snn.errors import ConfigError
from c5snn.metrics import RANKING_METRICS, HitAtK, MeanReciprocalRank, RankingMetrics, RecallAtK

NAMES = {"recall_at_20", "hit_at_20", "mrr", "recall_at_5", "hit_at_5"}


class CountCalls(TorchDispatchMode):
    """Counts the calls of one operation."""

    def __init__(self, operation: object) -> None:
        super().__init__()
        self.operation = operation
        self.n_calls = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.n_calls += func is self.operation
        return func(*args, **(kwargs or {}))


class Scores(LightningModule):
    """Ranks parts by a fixed linear map and logs the collection as every model does."""

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(39, 39)

    def setup(self, stage: str) -> None:  # noqa: ARG002  # Lightning's signature
        self.metrics = RankingMetrics()

    def validation_step(self, batch: list[Tensor], batch_idx: int) -> None:  # noqa: ARG002  # likewise
        self.metrics.update(self.linear(batch[0]), batch[1])
        self.log_dict({f"val_{name}": metric for name, metric in self.metrics.items()}, on_epoch=True)


def batch(n: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    scores = torch.randint(0, 9, (n, 39), generator=generator).float()
    active = torch.rand(n, 39, generator=generator).topk(5).indices
    return scores, torch.zeros(n, 39).scatter(1, active, 1.0)


def single_metrics():
    return {
        "recall_at_20": RecallAtK(20),
        "hit_at_20": HitAtK(20),
        "mrr": MeanReciprocalRank(),
        "recall_at_5": RecallAtK(5),
        "hit_at_5": HitAtK(5),
    }


def test_the_collection_holds_the_five_logged_names():
    assert set(RankingMetrics().keys()) == NAMES


def test_each_member_equals_the_metric_on_its_own():
    together, alone = RankingMetrics(), single_metrics()
    for seed in range(3):
        together.update(*batch(11, seed))
        for metric in alone.values():
            metric.update(*batch(11, seed))
    assert together.compute() == {name: metric.compute() for name, metric in alone.items()}


def test_metrics_that_agree_on_the_first_batch_stay_apart():
    metrics = RankingMetrics()
    scores = torch.arange(39.0).neg().expand(1, 39)
    found_nothing = torch.zeros(1, 39).index_fill(1, torch.arange(34, 39), 1.0)
    found_one = torch.zeros(1, 39).index_fill(1, torch.tensor([0, 35, 36, 37, 38]), 1.0)
    metrics.update(scores, found_nothing)
    metrics.update(scores, found_one)
    values = {name: round(value.item(), 9) for name, value in metrics.compute().items() if name != "mrr"}
    assert values == {"recall_at_20": 0.1, "hit_at_20": 0.5, "recall_at_5": 0.1, "hit_at_5": 0.5}


def test_the_active_parts_are_looked_up_once_for_all_five_metrics():
    metrics = RankingMetrics()
    scores, targets = batch(8)
    with CountCalls(torch.ops.aten.topk.default) as count:
        metrics.update(scores, targets)
    assert count.n_calls == 1


def test_calling_the_collection_returns_the_batch_and_keeps_the_mean():
    metrics = RankingMetrics()
    expected = RankingMetrics()
    expected.update(*batch(8, seed=1))
    metrics(*batch(8, seed=0))
    assert metrics(*batch(8, seed=1)) == expected.compute()
    expected.update(*batch(8, seed=0))
    assert metrics.compute() == expected.compute()


def test_reset_forgets_all_windows():
    metrics, fresh = RankingMetrics(), RankingMetrics()
    metrics.update(*batch(8, seed=0))
    metrics.reset()
    for each in (metrics, fresh):
        each.update(*batch(8, seed=1))
    assert metrics.compute() == fresh.compute()


@pytest.mark.parametrize(
    ("n_parts", "n_active", "k", "names"),
    [
        (5, 2, None, ["recall_at_3", "hit_at_3", "mrr"]),
        (10, 3, None, ["recall_at_5", "hit_at_5", "mrr"]),
        (16, 1, None, ["recall_at_8", "hit_at_8", "mrr", "recall_at_5", "hit_at_5"]),
        (30, 5, None, ["recall_at_20", "hit_at_20", "mrr", "recall_at_5", "hit_at_5"]),
        (39, 5, 10, ["recall_at_10", "hit_at_10", "mrr", "recall_at_5", "hit_at_5"]),
        (39, 5, 3, ["recall_at_3", "hit_at_3", "mrr"]),
    ],
)
def test_names_carry_the_depth_and_a_second_one_is_logged_below_it(n_parts, n_active, k, names):
    metrics = RankingMetrics(n_parts, n_active, k)
    assert set(metrics) == set(names)
    equal = torch.zeros(4, n_parts)
    metrics.update(equal, torch.eye(n_parts)[:n_active].sum(dim=0).expand(4, n_parts))
    for name, value in metrics.compute().items():
        assert value.item() == pytest.approx(metrics[name].chance, abs=1e-9)


@pytest.mark.parametrize("k", [0, 10])
def test_a_list_that_leaves_no_part_out_is_refused(k):
    with pytest.raises(ConfigError, match="1 <= k < n_parts"):
        RankingMetrics(10, 3, k)


def test_a_metric_that_is_listed_is_logged(recipe):
    metrics = RankingMetrics(classes=(*RANKING_METRICS, recipe))
    assert set(metrics.keys()) == {*NAMES, "precision_at_20", "precision_at_5"}
    scores, targets = batch(11)
    metrics.update(scores, targets)
    values = metrics.compute()
    assert values["precision_at_20"].item() == pytest.approx(values["recall_at_20"].item() * 5 / 20, abs=1e-7)


def test_shapes_that_do_not_fit_are_refused_by_the_collection():
    with pytest.raises(ConfigError, match="same `n_parts`"):
        RankingMetrics().update(torch.zeros(2, 38), torch.zeros(2, 38))


def test_lightning_logs_the_mean_over_windows_not_over_batches():
    windows, targets = batch(50)
    module = Scores()
    trainer = Trainer(accelerator="cpu", logger=False, enable_progress_bar=False, enable_checkpointing=False)
    loader = DataLoader(TensorDataset(windows, targets), batch_size=49)
    for _ in range(2):  # the second run must not remember the first
        [logged] = trainer.validate(module, loader, verbose=False)
        with torch.no_grad():
            expected = RankingMetrics()(module.linear(windows), targets)
        assert logged == {f"val_{name}": pytest.approx(value.item(), abs=1e-12) for name, value in expected.items()}
