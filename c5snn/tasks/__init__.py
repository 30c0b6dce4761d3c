"""Abstract LightningModules, one per kind of task; final models live in :mod:`c5snn.models`."""

from c5snn.tasks.judging import ItemTable, Judgement, ReferenceWords, judge_items
from c5snn.tasks.next_event import NextEventModule
from c5snn.tasks.task import Prediction, Task

__all__ = ["ItemTable", "Judgement", "NextEventModule", "Prediction", "ReferenceWords", "Task", "judge_items"]
