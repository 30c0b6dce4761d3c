"""Events of any size through the data module, a training, its test and a prediction."""

import csv
import json

import numpy as np
import pytest
import torch

from c5snn.cli import main
from c5snn.data import EventDataModule, Parity, PoissonSizes, RaggedHistory, Repeat, UniformSizes, synthesize
from c5snn.data.events.identities import event_hashes
from c5snn.data.events.ragged import read_ragged, write_ragged
from c5snn.errors import ConfigError
from c5snn.evidence import UniformSubset
from c5snn.models import FrequencyBaseline


def ready(**arguments) -> EventDataModule:
    data = EventDataModule(**({"n_events": 200, "window": 3, "n_parts": 6, "n_active": "varies"} | arguments))
    data.setup()
    return data


def drawn(sizes, *, n_events=400, strength=1.0, signal=None):
    return synthesize(
        signal or Repeat(lag=1), strength=strength, n_events=n_events, data_seed=3, n_parts=8, sizes=sizes
    )


@pytest.mark.parametrize(("law", "least", "most"), [(PoissonSizes(mean=2.0), 0, 8), (UniformSizes(2, 5), 2, 5)])
def test_sizes_follow_their_law(law, least, most):
    sizes = drawn(law).history.sizes
    assert least <= sizes.min() <= sizes.max() <= most
    mean = 2.0 if isinstance(law, PoissonSizes) else 3.5
    assert sizes.mean() == pytest.approx(mean, abs=0.25)


def test_neither_the_signal_nor_its_strength_changes_the_sizes():
    sizes = [drawn(PoissonSizes(), strength=s, signal=x).history.sizes for s, x in ((0.0, None), (2.0, Parity()))]
    assert (sizes[0] == sizes[1]).all()


def test_a_longer_history_of_varying_sizes_begins_with_the_shorter_one():
    short, long = (drawn(PoissonSizes(2.0), n_events=n).history for n in (50, 90))
    assert short.spell_events() == long.spell_events()[:50]


def test_the_oracle_of_varying_sizes_ranks_what_repeats_first():
    history, oracle = drawn(UniformSizes(1, 3), strength=9.0)
    before = history.multi_hot()[:-1]
    assert np.array_equal(oracle[1:] > 0, before > 0)


def test_targets_are_padded_and_empty_ones_are_no_items_of_test():
    data = ready(sizes=PoissonSizes(1.0))
    targets = data.targets("test")
    sizes = (targets > 0).sum(axis=1)
    in_test = data.history.sizes[3 + data.splits.test.start :]
    assert sizes.tolist() == in_test[in_test > 0].tolist()
    assert (in_test == 0).sum() > 0
    batches = list(data.test_dataloader())
    served = torch.cat([targets for _, targets in batches])
    assert len(served) == len(data.identities("test")) == data.describe().n_items["test"] == len(targets)
    assert [sorted(np.flatnonzero(row) + 1) for row in served.numpy()] == [sorted(row[row > 0]) for row in targets]


def test_leaving_items_out_counts_those_that_are_not_empty():
    data = ready(sizes=PoissonSizes(1.0))
    before, whole = data.targets("test"), data.describe().test_identity
    is_out = np.arange(len(before)) % 2 == 0
    data.leave_out_of_test(is_out)
    assert np.array_equal(data.targets("test"), before[~is_out])
    assert data.describe().test_identity != whole


def test_an_item_is_recognised_in_another_history_whatever_came_long_before():
    random = np.random.default_rng(0)
    common = [sorted(random.choice(30, random.integers(0, 6), replace=False) + 1) for _ in range(60)]
    hashes = []
    for seed in (1, 2):
        other = np.random.default_rng(seed)
        before = [sorted(other.choice(30, 3, replace=False) + 1) for _ in range(20 + seed)]
        events = before + common
        offsets = np.concatenate([[0], np.cumsum([len(event) for event in events])])
        parts = np.array([part for event in events for part in event])
        hashes.append(event_hashes(RaggedHistory(np.arange(len(events)), parts, offsets, 30)))
    assert (hashes[0][-50:] == hashes[1][-50:]).all()
    assert len(np.unique(hashes[0])) == len(hashes[0])
    assert not np.isin(hashes[0][:20], hashes[1]).any()


def test_a_val_or_test_without_any_part_is_refused():
    with pytest.raises(ConfigError, match="an event that is not empty"):
        ready(sizes=PoissonSizes(1e-9))


def test_sizes_need_events_that_vary():
    with pytest.raises(ConfigError, match='n_active == "varies"'):
        EventDataModule(sizes=PoissonSizes())


def test_the_kind_of_the_file_and_n_active_must_agree(tmp_path):
    write_ragged(drawn(PoissonSizes()).history, tmp_path / "sets.csv")
    with pytest.raises(ConfigError, match=r"--data\.n_active varies"):
        ready(path=str(tmp_path / "sets.csv"), n_active=3)
    main(["data", "synthesize", str(tmp_path / "parts.csv"), "--n-events", "60"])
    with pytest.raises(ConfigError, match="needs the layout `sets`"):
        ready(path=str(tmp_path / "parts.csv"))


def test_the_null_knows_every_size():
    data = ready(sizes=UniformSizes(0, 6))
    judged = FrequencyBaseline().judge(torch.zeros(len(data.targets("test")), 6), data)
    sizes = (data.targets("test") > 0).sum(axis=1)
    assert judged.record.null == UniformSubset.of_sizes(6, sizes, 3)
    assert judged.record.score.value == pytest.approx(0.5)
    assert judged.record.score.p == 1.0


@pytest.mark.slow
@pytest.mark.parametrize(("largest", "is_exact"), [(4, True), (24, False)])
def test_the_record_and_the_verdict_say_whether_the_p_is_exact(largest, is_exact):
    data = ready(sizes=UniformSizes(1, largest), n_parts=30, n_events=400)
    scores = torch.rand(len(data.targets("test")), 30, generator=torch.Generator().manual_seed(0))
    record = FrequencyBaseline().judge(scores, data).record
    assert record.score.is_exact is is_exact
    assert ("Monte Carlo estimate from 100,000 seeded draws" in record.verdict.sentence) is not is_exact
    assert type(record).from_json(json.loads(json.dumps(record.to_json()))) == record


NAMES = ("Brot", "Käse", "Milch", "Reis", "Salz", "Tee", "Äpfel, rot", "Öl")


@pytest.fixture(scope="module")
def named_run(tmp_path_factory):
    """A run on a long file with names, imported, trained and tested by the commands."""
    folder = tmp_path_factory.mktemp("named")
    history = drawn(PoissonSizes(2.0), strength=2.0).history
    rows = [
        f'{date},"{NAMES[int(part) - 1]}"'
        for date, event in zip(history.dates, history.spell_events(), strict=True)
        for part in event
    ]
    (folder / "long.csv").write_text("\n".join(["day,product", *rows]))
    path = str(folder / "baskets.csv")
    assert main(["data", "import", str(folder / "long.csv"), path, "--layout", "long", "--bin", "1d"]) == 0
    flags = ["--data.path", path, "--data.n_parts", "8", "--data.n_active", "varies"]
    quiet = ["--trainer.default_root_dir", str(folder), "--trainer.max_epochs", "2", "--data.window", "4"]
    assert main(["fit", "--model", "LagKernel", *flags, *quiet]) == 0
    (run,) = (folder / "lightning_logs").glob("*/*")
    assert main(["test", str(run)]) == 0
    return run


def test_names_stand_in_the_table_of_windows(named_run):
    with (named_run / "test_per_window.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    listed = {row[f"top_{rank}"] for row in rows for rank in range(1, 9)}
    assert listed == set(NAMES)
    assert all(set(row["parts"].split("; ")) <= listed for row in rows)


def test_a_prediction_names_its_parts(named_run, capsys):
    capsys.readouterr()
    assert main(["predict", str(named_run), "--top-k", "3", "--json"]) == 0
    parts = json.loads(capsys.readouterr().out)["parts"]
    names = read_ragged(named_run.parents[2] / "baskets.csv").names
    assert [entry["name"] for entry in parts] == [names[entry["part"] - 1] for entry in parts]


def test_a_run_on_varying_sizes_is_reported(named_run, tmp_path):
    assert main(["report", str(named_run), "--output", str(tmp_path / "report.json")]) == 0
    (comparison,) = json.loads((tmp_path / "report.json").read_text())["comparisons"]
    assert comparison["facts"]["n_active"] == ["varies"]


def test_synthesize_writes_sets_that_validate(tmp_path, capsys):
    path = str(tmp_path / "sets.csv")
    assert main(["data", "synthesize", path, "--n-events", "80", "--sizes", "PoissonSizes", "--mean", "2"]) == 0
    assert main(["data", "validate", path]) == 0
    assert "layout sets" in capsys.readouterr().out
    assert main(["data", "convert", path, str(tmp_path / "other.csv")]) == 2
    assert "have one layout" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--mean", "2"], "--mean` is of a law of sizes"),
        (["--sizes", "PoissonSizes", "--least", "2"], "PoissonSizes` takes mean"),
        (["--sizes", "PoissonSizes", "--n-active", "3"], "takes no --n-active"),
        (["--sizes", "UniformSizes", "--least", "9", "--most", "2"], "0 <= least <= most"),
    ],
)
def test_options_of_sizes_that_do_not_fit_are_refused(options, words, tmp_path, capsys):
    assert main(["data", "synthesize", str(tmp_path / "x.csv"), *options]) == 2
    assert words in capsys.readouterr().err
