"""Runs a study in this process: the same trials as the command's, without a process each."""

from typing import final

from c5snn.sweeps.backend import Backend, End
from c5snn.sweeps.definition_file import write_definition
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.spec_file import read_spec
from c5snn.sweeps.study_driver import read_recorded, run_study
from c5snn.sweeps.study_planning import make_study_plan
from c5snn.sweeps.study_summary import write_summary
from c5snn.sweeps.trial import run_trial


@final
class InProcess(Backend):
    n_workers = 1

    def __init__(self):
        self.ended = []

    def start(self, job, folder, *, attempt):
        run_trial(job, folder, attempt=attempt)
        self.ended.append(End(job.key, None))

    def wait(self, timeout_s):  # noqa: ARG002  # what has started has ended
        ended, self.ended = self.ended, []
        return ended

    def kill(self, key):
        """Nothing runs while this process does something else."""


def run_here(name, output):
    """Run the study of a file into a folder."""
    path, spec = read_spec(name)
    plan = make_study_plan(spec, [], f"`{path}`")
    ledger = Ledger(output)
    with ledger.lock():
        write_summary(plan, output, n_workers=1)
        write_definition(spec, output)
        executor = Executor(ledger, InProcess(), timeout_s=600.0, max_attempts=1)
        return run_study(plan, read_recorded(plan, ledger), executor=executor, ledger=ledger)
