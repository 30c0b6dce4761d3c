"""What is stored of data, run and test: typed, versioned, without torch; everything above reads nothing else."""

from c5snn.records.activity import LayerActivity, NetworkActivity
from c5snn.records.curves import Row, read_curves, write_curves
from c5snn.records.data import DataRecord, Fact, test_identity
from c5snn.records.run import RunRecord, Status, find_runs, load_run
from c5snn.records.test import CheckpointRecord, Headline, MetricScore, Reference, TestItems, TestRecord

__all__ = [
    "CheckpointRecord",
    "DataRecord",
    "Fact",
    "Headline",
    "LayerActivity",
    "MetricScore",
    "NetworkActivity",
    "Reference",
    "Row",
    "RunRecord",
    "Status",
    "TestItems",
    "TestRecord",
    "find_runs",
    "load_run",
    "read_curves",
    "test_identity",
    "write_curves",
]
