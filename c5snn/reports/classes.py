"""What was predicted for which class: the score of each class, and the confusion table; where outcomes are classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Integer

from c5snn.records import PooledTest
from c5snn.reports.document import ColumnGroup, Drawing, Section, Table
from c5snn.reports.figures.heat_map import draw_heat_map
from c5snn.reports.words import MISSING, plural

__all__ = ["ClassTable", "class_sections", "class_tables"]

MOST_CONFUSION_TABLES = 3


@dataclass(frozen=True)
class ClassTable:
    """What one configuration predicted, over its seeds and origins.

    Args:
        label: The configuration.
        classes: The names of the classes.
        counts: Items of each class (row) that got each prediction (column), mean over seeds.
    """

    label: str
    classes: list[str]
    counts: list[list[float]]

    @property
    def n_items(self) -> list[float]:
        """How many items each class has."""
        return [sum(row) for row in self.counts]

    @property
    def recognised(self) -> list[float | None]:
        """The share of the items of each class that are recognised; None where the class does not occur."""
        return [row[i] / n if n else None for i, (row, n) in enumerate(zip(self.counts, self.n_items, strict=True))]


def class_tables(tests: Sequence[tuple[str, PooledTest]]) -> list[ClassTable]:
    """Return the table of each configuration; none where the data records no names of classes.

    Args:
        tests: The configurations' labels and tests, in order.
    """
    found = []
    for label, test in tests:
        names = test.runs[0][0].data.facts.get("classes")
        if isinstance(names, list):
            classes = list(map(str, names))
            found.append(ClassTable(label, classes, _counts(test.predictions, test.outcomes, len(classes))))
    return found


def class_sections(tables: Sequence[ClassTable], item: str, output: str, headline: str) -> list[Section]:
    """Return the score of each class over all configurations, and the confusion tables of the first ones.

    Args:
        tables: At least one; all of the same items.
        item: What one item is called.
        output: What a class is called.
        headline: What the score is called.
    """
    first = tables[0]
    occurring = [i for i, n in enumerate(first.n_items) if n]
    rows = [
        [first.classes[i], f"{first.n_items[i]:,.0f}", *(_recognised(table, i) for table in tables)] for i in occurring
    ]
    of_class = Section(
        f"{headline.capitalize()} by {output}",
        tables=[Table([output, plural(item), *(table.label for table in tables)], rows)],
        note=f"How many test {plural(item)} of each {output} are recognised, mean over seeds.",
    )
    return [of_class, *(_confusion(table, item, output) for table in tables[:MOST_CONFUSION_TABLES])]


def _recognised(table: ClassTable, i: int) -> str:
    """Return how many items of a class are recognised: a share of few looks finer than it is."""
    n, found = table.n_items[i], table.counts[i][i]
    return MISSING if n == 0 else f"{_cell(found).replace(MISSING, '0')} of {n:,.0f}"


def _confusion(table: ClassTable, item: str, output: str) -> Section:
    shares = [[count / n if n else None for count in row] for row, n in zip(table.counts, table.n_items, strict=True)]
    rows = [
        [name, *(_cell(count) for count in row), f"{n:,.0f}"]
        for name, row, n in zip(table.classes, table.counts, table.n_items, strict=True)
    ]
    title = f"rows: true {output}, columns: predicted"
    groups = (ColumnGroup(f"predicted {output}", 1, table.classes),)
    says = f"Share of the {plural(item)} of each {output} (rows) that got each prediction (columns), by {table.label}."
    return Section(
        f"Confusion of {table.label}",
        drawing=Drawing(says, partial(draw_heat_map, table.classes, table.classes, shares, title)),
        tables=[
            Table(
                [f"true {output}", *(f"{name} predicted" for name in table.classes), plural(item)], rows, groups=groups
            )
        ],
        note=f"Rows are the true {plural(output)}, columns the predicted ones; the table counts, mean over seeds.",
    )


def _cell(count: float) -> str:
    if count == 0:
        return MISSING
    return f"{count:,.0f}" if count == round(count) else f"{count:,.1f}"


def _counts(
    predictions: Integer[np.ndarray, "seeds items"], outcomes: Integer[np.ndarray, "items 2"], n_classes: int
) -> list[list[float]]:
    total = np.zeros((n_classes, n_classes))
    for of_seed in predictions:
        np.add.at(total, (outcomes[:, 0], of_seed), 1.0)
    return (total / len(predictions)).tolist()  # type: ignore[no-any-return]  # of floats
