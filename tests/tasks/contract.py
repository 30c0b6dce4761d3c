"""What every task keeps, whatever it predicts; a task's tests are a subclass that says how to make a small case."""

from abc import ABC, abstractmethod

import numpy as np
import pytest
import torch

from c5snn.evidence import WEAK_BELOW
from c5snn.records import DataRecord, TestItems, TestRecord

N_SHUFFLES = 400
N_DRAWS = 2_000


class TaskContract(ABC):
    """The tests of a task. Abstract; pytest collects its subclasses, named ``Test…``."""

    @abstractmethod
    def data(self):
        """Return small data of the task in which the inputs say nothing of the outcomes."""

    @abstractmethod
    def model(self):
        """Return a small model of the task."""

    @abstractmethod
    def constant_outputs(self, data):
        """Return outputs on test that ignore the input, as good as the task's reference."""

    def by_luck(self, judged, random):
        """Return predictions and outcomes as luck alone would have them: here the outcomes in another order."""
        items = judged.items
        return items.predictions, items.outcomes[random.permutation(len(items.outcomes))]

    @pytest.fixture
    def ready(self):
        """The data, set up."""
        data = self.data()
        data.setup("test")
        return data

    @pytest.fixture
    def judged(self, ready):
        """What the task says of an untrained model."""
        torch.manual_seed(1)
        model = self.model().eval()
        with torch.inference_mode():
            return model.judge(torch.cat([model(inputs) for inputs, _ in ready.test_dataloader()]), ready)

    def test_its_records_come_back_as_they_were_written(self, ready, judged, tmp_path):
        assert DataRecord.from_json(ready.describe().to_json()) == ready.describe()
        assert TestRecord.from_json(judged.record.to_json()) == judged.record
        judged.items.save(tmp_path / "items.npz")
        again = TestItems.load(tmp_path / "items.npz")
        for name in ("scores", "predictions", "outcomes"):
            np.testing.assert_array_equal(getattr(again, name), getattr(judged.items, name))
        assert again.references.keys() == judged.items.references.keys()
        assert again.references.keys() >= {entry.name for entry in judged.record.references}

    def test_its_headline_is_the_first_metric_and_the_mean_of_its_items(self, ready, judged):
        assert judged.record.headline == self.model().headline(ready)
        assert next(iter(judged.record.metrics)) == judged.record.headline.name
        assert judged.record.score.value == pytest.approx(judged.items.scores.mean())
        assert judged.record.n_items == len(judged.items.scores) == ready.describe().n_items["test"]

    def test_its_p_keeps_its_level_under_luck_alone(self, ready):
        random = np.random.default_rng(0)
        noise = torch.from_numpy(random.normal(size=self.constant_outputs(ready).shape))
        judged = self.model().judge(noise, ready)
        drawn = [self.by_luck(judged, random) for _ in range(N_SHUFFLES)]
        is_low = np.array([judged.record.null.p_value(*pair).p < WEAK_BELOW for pair in drawn])
        assert is_low.mean() <= WEAK_BELOW + 4 * np.sqrt(WEAK_BELOW * (1 - WEAK_BELOW) / N_SHUFFLES)
        assert is_low.any()

    def test_its_chance_is_the_mean_under_its_null(self, judged):
        items, null = judged.items, judged.record.null
        drawn = null.draws([items.predictions[None]], items.outcomes, np.random.default_rng(1), N_DRAWS)
        totals, scale = np.concatenate(list(drawn)), null.scale([items.predictions[None]], items.outcomes)
        assert totals.mean() == pytest.approx(scale.mean[0], abs=4 * scale.sd[0] / np.sqrt(N_DRAWS))
        assert judged.record.score.chance == null.chance

    def test_its_reference_never_learns(self, ready):
        verdict = self.model().judge(self.constant_outputs(ready), ready).record.verdict
        assert not verdict.learns
        assert "ignores its input" in verdict.sentence
