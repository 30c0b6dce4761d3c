"""Tables of earlier searches: the published ones where they are, and synthetic ones that need no data."""

import csv
from pathlib import Path

import numpy as np
import pytest

from c5snn.records.searched import SearchedOption, SearchedTrial, SearchRecord

PUBLISHED = Path(__file__).parents[3] / "shared" / "data" / "arc"
COUNTS = (10, 7, 21, 19, 5, 1, 4, 1, 5)
CATEGORIES = ("S1", "S2", "S3", "C1", "C2", "K1", "L1", "A1", "A2")


@pytest.fixture(scope="session")
def published():
    """The folder of the published tables, which are not ours to ship."""
    if not PUBLISHED.is_dir():
        pytest.skip("the published tables of earlier searches are not beside this checkout")
    return PUBLISHED


def batch_mean(correct, batch_size):
    """The mean of per-batch accuracies, by its definition."""
    batches = [correct[i : i + batch_size] for i in range(0, len(correct), batch_size)]
    return float(np.mean([np.mean(batch) for batch in batches]))


def write_table(path, rows):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
    return path


def sorted_split_rows(n=60, seed=0):
    """Trials of a search whose metric is the mean over batches of a sorted split; no option has an effect in truth.

    The sampler has tried the scheduler with small batches alone, so both look effective.
    """
    generator = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(COUNTS)), COUNTS)
    rows = []
    for number in range(n):
        batch_size = int(generator.choice([8, 16, 32, 64]))
        answers = np.full(len(labels), 2)
        if number % 3:  # the others are constant
            lucky = generator.random(len(labels)) < 0.1
            answers = np.where(lucky, labels, answers)
        correct = answers == labels
        encoder = "cnn" if number % 4 else "context"
        row = {
            "trial_number": number, "val_acc": batch_mean(correct, batch_size), "encoder_type": encoder,
            "lr": 10 ** generator.uniform(-4, -2), "batch_size": batch_size, "use_scheduler": batch_size < 32,
        }  # fmt: skip
        row["depth" if encoder == "cnn" else "d_model"] = float(generator.choice([2, 3, 4, 5]))
        rows.append(row | {f"val_acc_{c}": correct[labels == i].mean() for i, c in enumerate(CATEGORIES)})
    return rows


@pytest.fixture
def sorted_split(tmp_path):
    """A table of such a search."""
    return write_table(tmp_path / "sorted.csv", sorted_split_rows())


def make_search(values, *, mode="max", states=None, sampled_by="sampler", options=None, **params):
    """A search of trials that tried columns of parameters, None where one was not sampled."""
    from c5snn.records.cells import option_of

    n = len(values)
    trials = [
        SearchedTrial(
            i,
            {name: column[i] for name, column in params.items() if column[i] is not None},
            states[i] if states else "complete",
            None if values[i] is None else float(values[i]),
            sampled_by=sampled_by if isinstance(sampled_by, str) else sampled_by[i],
        )
        for i in range(n)
    ]
    found = options or [option_of(name, [v for v in column if v is not None]) for name, column in params.items()]
    return SearchRecord("made", Path("made.csv"), "score", mode, tuple(found), tuple(trials))


def a_range(name, low, high, **fields):
    return SearchedOption(name, "number", (), low, high, is_written=True, **fields)
