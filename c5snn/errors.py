"""What a user can mend, as exceptions with the exit code of the command. Anything else that is raised is a bug."""

from typing import ClassVar

__all__ = [
    "C5Error",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "OutputError",
    "OutputInUseError",
    "TrainingDivergedError",
]


class C5Error(Exception):
    """A failure that its reader can mend; the message says the rule, the values and the way out."""

    exit_code: ClassVar[int] = 2


class ConfigError(C5Error):
    """An argument, a configuration file or a combination of both is wrong."""


class DataError(C5Error):
    """A history is not what it should be; the message names file, row and column."""


class CheckpointError(C5Error):
    """A checkpoint is damaged, unsafe or belongs to something else."""


class OutputError(C5Error):
    """A result could not be written; what stood there before is unchanged."""

    exit_code: ClassVar[int] = 1


class OutputInUseError(C5Error):
    """Another process is writing there; nothing was changed."""

    exit_code: ClassVar[int] = 3


class TrainingDivergedError(C5Error):
    """The loss or a weight became NaN or infinite."""

    exit_code: ClassVar[int] = 1
