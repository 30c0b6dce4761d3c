"""Abstract LightningModules, one per kind of task; final models live in :mod:`c5snn.models`."""

from c5snn.tasks.category import CategoryModule
from c5snn.tasks.judging import ItemTable, Judgement, Oracle, ReferenceWords, judge_items
from c5snn.tasks.next_event import NextEventModule
from c5snn.tasks.prediction import ItemInputs, Prediction
from c5snn.tasks.series import SeriesModule
from c5snn.tasks.task import Task

__all__ = [
    "CategoryModule",
    "ItemInputs",
    "ItemTable",
    "Judgement",
    "NextEventModule",
    "Oracle",
    "Prediction",
    "ReferenceWords",
    "SeriesModule",
    "Task",
    "judge_items",
]
