"""ARC tasks: read or drawn, cut into splits, and served to Lightning as padded pairs of grids."""

from c5snn.data.arc.arc_task import CATEGORIES, ArcTask
from c5snn.data.arc.datamodule import ArcDataModule
from c5snn.data.arc.grids import PADDING, GridPairs

__all__ = ["CATEGORIES", "PADDING", "ArcDataModule", "ArcTask", "GridPairs"]
