"""Which profiler a trainer has."""

import pytest
from lightning.pytorch.profilers import SimpleProfiler

from c5snn.training.lightning_cli import C5CLI
from c5snn.training.switched_off import NoProfiler


@pytest.mark.parametrize(("words", "profiler"), [([], NoProfiler), (["--trainer.profiler", "simple"], SimpleProfiler)])
def test_a_profiler_is_there_when_it_is_asked_for(words, profiler):
    trainer = C5CLI(["--config", "gru.yaml", *words]).make_trainer([], None)
    assert type(trainer.profiler) is profiler


def test_an_error_passes_through_the_context():
    with pytest.raises(ValueError, match="inner"), NoProfiler().profile("step"):
        raise ValueError("inner")
