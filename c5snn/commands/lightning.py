"""``c5snn fit``, ``validate`` and ``test``: Lightning's verbs on a configuration or a run."""

from c5snn.commands.console import show_progress
from c5snn.reports.activity import activity_lines
from c5snn.reports.verdict import print_test, print_validation
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.evaluation import test_run, validate_run
from c5snn.training.run import train

__all__ = ["fit", "test", "validate"]


def fit(argv: list[str]) -> int:
    """Train a model; say where it lies and what to do next."""
    show_progress()
    try:
        run = train(argv)
    except StoppedBySignal as stop:
        print(f"stopped by {stop}; go on with the same command and `--ckpt_path last`")
        return stop.exit_code
    best = ", ".join(f"{name} {value:.4f}" for name, value in run.val.items())
    print(f"{run.n_epochs} epochs in {run.training_time_s:.1f} s; best epoch {run.best_epoch}: {best}")
    for line in activity_lines(run.activity) if run.activity else ():
        print(line)
    print("validation has chosen the epoch: what the model is worth, only its test says")
    print(f"c5snn test {run.folder}")
    return 0


def validate(argv: list[str]) -> int:
    """Score a checkpoint on validation."""
    show_progress()
    print_validation(validate_run(argv))
    return 0


def test(argv: list[str]) -> int:
    """Score a run on test and say what the result is worth."""
    show_progress()
    print_test(test_run(argv))
    return 0
