"""What is stored of data, run and test: typed, versioned, without torch; everything above reads nothing else."""

from c5snn.records.activity import LayerActivity, NetworkActivity
from c5snn.records.commit import (
    COMMIT,
    CommitRecord,
    DamagedRunError,
    begin_training,
    commit_test,
    commit_training,
    read_commit,
    require_present,
    require_unchanged,
    uncommit,
    write_commit,
)
from c5snn.records.curves import Row, read_curves, write_curves
from c5snn.records.data import DataRecord, Fact, test_identity
from c5snn.records.inspection import (
    Effect,
    EnergyEstimate,
    Inspection,
    LayerTrace,
    Occlusion,
    UnitTrace,
    load_inspection,
)
from c5snn.records.origins import OriginChoice, choice_at_each_origin
from c5snn.records.p_values import Draws
from c5snn.records.pooled import Block, PooledTest, pool_origins
from c5snn.records.run import RunRecord, Segment, Status, find_runs, load_run
from c5snn.records.scored import ScoredConfiguration, Summary, score_configurations, score_tests, summarize
from c5snn.records.test import CheckpointRecord, Headline, MetricScore, Reference, TestItems, TestRecord

__all__ = [
    "COMMIT",
    "Block",
    "CheckpointRecord",
    "CommitRecord",
    "DamagedRunError",
    "DataRecord",
    "Draws",
    "Effect",
    "EnergyEstimate",
    "Fact",
    "Headline",
    "Inspection",
    "LayerActivity",
    "LayerTrace",
    "MetricScore",
    "NetworkActivity",
    "Occlusion",
    "OriginChoice",
    "PooledTest",
    "Reference",
    "Row",
    "RunRecord",
    "ScoredConfiguration",
    "Segment",
    "Status",
    "Summary",
    "TestItems",
    "TestRecord",
    "UnitTrace",
    "begin_training",
    "choice_at_each_origin",
    "commit_test",
    "commit_training",
    "find_runs",
    "load_inspection",
    "load_run",
    "pool_origins",
    "read_commit",
    "read_curves",
    "require_present",
    "require_unchanged",
    "score_configurations",
    "score_tests",
    "summarize",
    "test_identity",
    "uncommit",
    "write_commit",
    "write_curves",
]
