"""Forecasts and directions keep the contract of every task, and are judged by what they are held against."""

from pathlib import Path

import numpy as np
import pytest
import torch

from c5snn.cli import main
from c5snn.data import SeriesDataModule
from c5snn.models import BaseRate, RepeatLast, SeasonalNaive
from c5snn.records import load_run
from tests.tasks.contract import TaskContract

SMALL = {"n_rows": 700, "n_channels": 2, "context": 24, "horizon": 6}
WORDS = ["--data.n_rows", "700", "--data.n_channels", "2", "--data.context", "24"]


class SeriesContract(TaskContract):
    def by_luck(self, judged, random):
        """Two forecasts as good as one another: in each block either may have had the losses of the other."""
        items, null = judged.items, judged.record.null
        n = len(items.scores)
        block = np.minimum(np.arange(n) // null.block, null.n_blocks(n) - 1)
        is_swapped = random.integers(0, 2, null.n_blocks(n)).astype(bool)[block]
        pair = (items.predictions, items.outcomes)
        return tuple(np.where(is_swapped, other, own) for own, other in (pair, pair[::-1]))


class TestForecast(SeriesContract):
    def data(self):
        return SeriesDataModule(**SMALL)

    def model(self):
        return SeasonalNaive(lag=8, context=24, horizon=6)

    def constant_outputs(self, data):
        return torch.zeros(len(data.first_rows("test")), 6, 2, dtype=torch.float64)


class TestDirection(SeriesContract):
    def data(self):
        return SeriesDataModule(targets="direction", **SMALL)

    def model(self):
        return BaseRate()

    def constant_outputs(self, data):
        return torch.full((len(data.first_rows("test")), 1), data.train_base_rate(), dtype=torch.float64).logit()


@pytest.fixture(scope="module")
def data():
    data = SeriesDataModule(**SMALL)
    data.setup()
    return data


def outputs_of(model, data):
    return torch.cat([model(inputs) for inputs, _ in data.test_dataloader()])


def best_of(data):
    forecasts = data.oracle.forecasts(data.first_rows("test"), data.horizon)
    return torch.from_numpy(data.scaling.scaled(forecasts))


def test_the_oracle_has_skill_1_and_the_seasonal_naive_0(data):
    model = SeasonalNaive(context=24, horizon=6)
    best, naive = (model.judge(outputs, data).record for outputs in (best_of(data), outputs_of(model, data)))
    assert best.skill == best.realized_skill == pytest.approx(1)
    assert naive.skill == pytest.approx(0, abs=1e-6)
    assert naive.references[0].difference == 0
    assert naive.score.p == 1


@pytest.mark.parametrize(
    ("minutes", "lag", "season"),
    [(15, 96, "day"), (60, 24, "day"), (480, 3, "day"), (1440, 24, "24 rows"), (7, 24, "24 rows"), (1, 24, "24 rows")],
)
def test_the_seasonal_naive_repeats_a_day_whatever_the_step_is(tmp_path, minutes, lag, season):
    times = np.datetime64("2024-01-01T00:00:00") + np.arange(700) * np.timedelta64(minutes, "m")
    values = np.random.default_rng(1).normal(size=700)
    rows = [f"{str(time).replace('T', ' ')},{value}" for time, value in zip(times, values, strict=True)]
    (tmp_path / "a.csv").write_text("\n".join(["time,a", *rows]))
    data = SeriesDataModule(str(tmp_path / "a.csv"), context=96, horizon=6)
    data.setup()
    outputs = outputs_of(SeasonalNaive(lag=lag, context=96, horizon=6), data)
    reference = SeasonalNaive(lag=lag, context=96, horizon=6).judge(outputs, data).record.references[0]
    assert reference.difference == 0
    assert reference.says.startswith(f"the value {lag} rows before;")
    assert reference.beaten == f"forecasts better than the {season} before repeated"


def test_a_lower_error_is_better_and_said_so(data):
    model = SeasonalNaive(context=24, horizon=6)
    best, zero = (model.judge(outputs, data).record for outputs in (best_of(data), 9 + 0 * best_of(data)))
    assert best.score.value < best.references[0].value < zero.score.value
    assert best.score.p == 1 / 2**11
    assert best.verdict.sentence.startswith("MSE is better than the seasonal naive (p = 0.000488); the model forecasts")
    assert best.verdict.learns
    assert zero.verdict.sentence.startswith(
        "MSE is worse than the seasonal naive (p = 0.000488 of doing as badly); the model ignores its input"
    )


def test_an_approximate_p_is_not_recorded_as_exact(data):
    long = SeriesDataModule(**(SMALL | {"n_rows": 1_500}))
    long.setup()
    records = [RepeatLast(horizon=6).judge(best_of(of_size), of_size).record for of_size in (data, long)]
    assert [record.null.n_blocks(record.n_items) for record in records] == [11, 25]
    assert not any(record.metrics["diebold_mariano"].is_exact for record in records)
    assert [record.score.is_exact for record in records] == [True, False]
    assert [[entry.is_exact for entry in record.references] for record in records] == [[True, True], [False, False]]
    assert records[1].references[0].p < 0.0001
    assert "it also beats the last value (p < 0.0001)" in records[1].verdict.sentence


def test_fewer_than_eight_stretches_have_no_p_and_no_interval():
    data = SeriesDataModule(**(SMALL | {"horizon": 12}))
    data.setup()
    record = SeasonalNaive(context=24, horizon=12).judge(best_of(data), data).record
    assert record.score.p is record.score.interval is None
    assert all(entry.p is entry.interval is None for entry in record.references)
    assert record.verdict.level == "undecided"
    assert "too few independent stretches" in record.verdict.sentence
    assert "at most" not in record.verdict.sentence


def test_intervals_and_p_of_references_are_those_of_blocks(data):
    record = RepeatLast(horizon=6).judge(outputs_of(RepeatLast(horizon=6), data), data).record
    seasonal = record.references[0]
    assert seasonal.p == record.score.p
    items = RepeatLast(horizon=6).judge(outputs_of(RepeatLast(horizon=6), data), data).items
    means = np.array([part.mean() for part in np.split(items.scores, range(12, 132, 12))][:10])
    low, high = record.score.interval
    assert (high - low) / 2 == pytest.approx(2.228 * means.std(ddof=1) / np.sqrt(11), rel=0.15)


def test_labels_that_a_model_knows_have_a_perfect_ranking():
    data = SeriesDataModule(targets="direction", **SMALL)
    data.setup()
    logits = torch.from_numpy(data.labels("test")[:, None] * 8.0 - 4)
    record = BaseRate().judge(logits, data).record
    assert record.metrics["auc"].value == record.metrics["average_precision"].value == 1
    assert record.metrics["base_rate"].value == pytest.approx(data.labels("test").mean())
    assert record.metrics["prediction_range"].value == pytest.approx(0.964, abs=1e-3)
    assert record.verdict.sentence.startswith("BCE is better than the base rate")


def test_the_true_probabilities_have_skill_1_and_the_base_rate_0():
    data = SeriesDataModule(targets="direction", **SMALL)
    data.setup()
    true = torch.from_numpy(data.oracle.rises(data.first_rows("test"), 6, data.target_channel, data.rise))
    base = torch.full_like(true, data.train_base_rate())
    best, rate = (BaseRate().judge(shares.logit()[:, None], data).record for shares in (true, base))
    assert best.skill == best.realized_skill == pytest.approx(1)
    assert rate.skill == pytest.approx(0, abs=1e-6)
    assert best.score.value == pytest.approx(best.oracle)
    assert best.oracle < rate.score.value


def test_outputs_that_are_no_numbers_are_refused(data):
    with pytest.raises(Exception, match="NaN or infinite"):
        RepeatLast(horizon=6).judge(best_of(data) * torch.nan, data)


def test_a_model_of_the_other_targets_is_refused_with_the_way_out(workdir, capsys):  # noqa: ARG001
    assert main(["fit", "--config", "base_rate.yaml", *WORDS, "--data.targets", "forecast"]) == 2
    assert "--model SeasonalNaive" in capsys.readouterr().err
    assert main(["fit", "--config", "seasonal_naive.yaml", *WORDS, "--model.horizon", "5"]) == 2
    assert "`--model.horizon` follows the data" in capsys.readouterr().err


def test_the_shapes_of_another_kind_of_data_are_options(workdir, capsys):  # noqa: ARG001
    words = ["--model", "SpikingCNN1D", "--model.n_channels", "4", "--data.n_events", "10"]
    assert main(["fit", *words]) == 2
    assert "n_events=10" in capsys.readouterr().err


def test_it_fits_is_tested_predicts_and_is_reported(workdir, capsys):
    for name in ("seasonal_naive", "repeat_last"):
        assert main(["fit", "--config", f"{name}.yaml", *WORDS, "--data.horizon", "6"]) == 0
        assert main(["test", f"lightning_logs/{name}"]) == 0
    assert main(["predict", "lightning_logs/seasonal_naive", "--top-k", "2", "--as-of", "2000-01-25"]) == 0
    assert "the 6 rows after 2000-01-25T23:00:00" in capsys.readouterr().out
    assert load_run("lightning_logs/repeat_last").test.headline.mode == "min"
    assert main(["report", "lightning_logs", "--output", "report.html"]) == 0
    page = (workdir / "report.html").read_text()
    assert "Neither of 2 configurations" in page
    assert "Error by step" in page
    assert "Forecasts of channel_2 by repeat_last" in page


@pytest.mark.slow
def test_it_sweeps_over_contexts_on_the_same_targets(workdir):
    data = "data: {class_path: SeriesDataModule, init_args: {n_rows: 700, n_channels: 2, horizon: 6}}\n"
    (workdir / "base.yaml").write_text("model: {class_path: SeasonalNaive}\n" + data)
    spec = "base: base.yaml\nspace:\n  data.context: [24, 30]\n"
    (workdir / "sweep.yaml").write_text(spec + "confirm: {top_k: 2, seeds: [1]}\n")
    assert main(["sweep", "sweep.yaml", "--output", "swept"]) == 0
    assert main(["report", "swept", "--output", "report.md"]) == 0
    assert "Neither of 2 configurations" in (workdir / "report.md").read_text()


@pytest.mark.real_data
def test_the_naive_forecasts_of_etth1():
    path = Path(__file__).parents[3] / "shared" / "data" / "ett" / "ETTh1.csv"
    if not path.is_file():
        pytest.skip("ETTh1.csv is not beside this checkout")
    data = SeriesDataModule(str(path), split="months")
    data.setup()
    for model, mse, mae in ((SeasonalNaive(), 0.512, 0.433), (RepeatLast(), 1.294, 0.713)):
        record = model.judge(outputs_of(model, data), data).record
        assert (record.score.value, record.metrics["mae"].value) == pytest.approx((mse, mae), abs=6e-4)
        # the rest of 97 windows is more than half a block
        assert record.null.n_blocks(record.n_items) == 15
