"""Two controls of the whole pipeline, whose right answers are known in advance: equal scores, and shuffled events."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from lightning.pytorch import Trainer

from c5snn.data import EventDataModule, Repeat, synthesize, write_events
from c5snn.metrics import RankingMetrics
from c5snn.models import GRU
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train


@pytest.mark.usefixtures("workdir")
@pytest.mark.parametrize("batch_size", [1, 7, 39, 64])
def test_equal_scores_for_all_parts_are_exactly_chance_in_batches_of_any_size(batch_size):
    model = GRU(hidden_size=4)
    for weight in model.parameters():
        torch.nn.init.zeros_(weight)
    data = EventDataModule(n_events=260, window=5, batch_size=batch_size)
    trainer = Trainer(logger=False, enable_progress_bar=False, enable_model_summary=False)
    (val,), (test,) = trainer.validate(model, data, verbose=False), trainer.test(model, data, verbose=False)
    for name, metric in RankingMetrics().items():
        assert val[f"val_{name}"] == pytest.approx(metric.chance, abs=1e-6)
        assert test[f"test_{name}"] == pytest.approx(metric.chance, abs=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("is_shuffled", [False, True])
def test_a_model_beats_the_fixed_list_only_while_events_keep_their_order(is_shuffled, workdir):
    """The same events, the same network: what is lost with their order is all that it had learned."""
    history = synthesize(Repeat(lag=1), strength=3.0, n_events=1_500, data_seed=1).history
    if is_shuffled:
        history = replace(history, parts=np.random.default_rng(0).permutation(history.parts))
    write_events(history, workdir / "events.csv")
    words = ["--config", "gru.yaml", "--data.path", "events.csv", "--data.window", "5", "--trainer.max_epochs", "4"]
    run = train([*words, "--optimizer", "Adam", "--optimizer.lr", "0.01"])
    score = score_run([str(run.folder)]).test
    assert score.verdict.learns != is_shuffled
    assert (score.references[0].p < 0.001) != is_shuffled
