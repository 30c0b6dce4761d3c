"""Multivariate time series: read, drawn with their oracle, cut into windows, and served to Lightning.

What needs torch is imported when it is asked for.
"""

from typing import TYPE_CHECKING

from c5snn.data.series.reading import read_series
from c5snn.data.series.series import Series
from c5snn.data.series.synthetic import SyntheticSeries, synthesize_series

if TYPE_CHECKING:
    from c5snn.data.series.datamodule import SeriesDataModule, Targets

__all__ = ["Series", "SeriesDataModule", "SyntheticSeries", "Targets", "read_series", "synthesize_series"]


def __getattr__(name: str) -> object:
    if name not in {"SeriesDataModule", "Targets"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from c5snn.data.series import datamodule

    return getattr(datamodule, name)
