"""``c5snn fit``, ``validate`` and ``test``: their help at once, all else by what needs torch."""

from c5snn.commands.run_help import help_asked, run_help

__all__ = ["fit", "test", "validate"]


def fit(argv: list[str]) -> int:
    """Train a model, or say how."""
    if help_asked("fit", argv):
        print(run_help("fit", argv))
        return 0
    from c5snn.commands.lightning import fit as train

    return train(_without_all(argv))


def validate(argv: list[str]) -> int:
    """Score a checkpoint on validation, or say how."""
    if help_asked("validate", argv):
        print(run_help("validate", argv))
        return 0
    from c5snn.commands.lightning import validate as score

    return score(_without_all(argv))


def test(argv: list[str]) -> int:
    """Score a run on test, or say how."""
    if help_asked("test", argv):
        print(run_help("test", argv))
        return 0
    from c5snn.commands.lightning import test as score

    return score(_without_all(argv))


def _without_all(argv: list[str]) -> list[str]:
    """Return the words as LightningCLI takes them: ``--help all`` is its ``--help``."""
    return ["--help"] if "--help" in argv or "-h" in argv else argv
