"""Abstract LightningModules, one per kind of task; final models live in :mod:`c5snn.models`."""

from c5snn.tasks.next_event import NextEventModule

__all__ = ["NextEventModule"]
