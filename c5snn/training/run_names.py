"""The name of a run: what its folder, its label in tables and its run in TensorBoard are called."""

import re
from collections.abc import Sequence
from itertools import pairwise
from pathlib import PurePath

from c5snn.errors import ConfigError

__all__ = ["check_name", "name_of_file"]

CONFIG_FLAGS = ("--config", "-c")
FOLDER = "configs"
RECORDED = "config"  # the stem of every run's own configuration, which says nothing
MAX_LENGTH = 100
PART = re.compile(r"\w[\w.+=,@-]*")  # of the alphabet of any language; a file system and a table take it as it is
VERSION = re.compile(r"version_\d+")


def check_name(name: str) -> None:
    """Refuse a name that is no folder below ``lightning_logs``.

    Raises:
        ConfigError: It is absolute, leads out of the folder, or has characters that a folder or a table lacks.
    """
    rule = "one or more parts of letters, digits and `_.+=,@-`, joined by `/`, such as original/spike_gru"
    parts = name.split("/")
    if name.startswith(("/", "~")) or ".." in parts:
        raise ConfigError(
            f"`--name` must be a folder below `lightning_logs`, but is {name!r}; `--trainer.default_root_dir` chooses "
            "another place."
        )
    if not all(PART.fullmatch(part) for part in parts) or len(name) > MAX_LENGTH:
        raise ConfigError(f"`--name` must be {rule}, {MAX_LENGTH} characters at most, but is {name!r}.")
    if any(VERSION.fullmatch(part) for part in parts):
        raise ConfigError(f"`--name` must not be called as the runs below it, `version_<n>`, but is {name!r}.")


def name_of_file(words: Sequence[str]) -> str | None:
    """Return the name that the last configuration among words gives to a run; None where there is none.

    It is the file's path below ``configs``, else as given, without its suffix.

    >>> name_of_file(["--config", "original/spike_gru.yaml"])
    'original/spike_gru'
    >>> name_of_file(["--config=~/mine/configs/a b.yaml"])
    'a_b'
    """
    files = [following for flag, following in pairwise(words) if flag in CONFIG_FLAGS]
    files = files or [word.partition("=")[2] for word in words if word.startswith("--config=")]
    if not files:
        return None
    path = PurePath(files[-1]).with_suffix("")
    parts = list(path.parts)
    if FOLDER in parts[:-1]:
        parts = parts[len(parts) - parts[::-1].index(FOLDER) :]
    elif path.is_absolute() or {"..", "~"} & set(parts):
        parts = parts[-1:]
    if parts[-1] == RECORDED:
        return None
    name = "/".join(re.sub(r"[^\w.+=,@-]", "_", part).lstrip(".+=,@-") or "_" for part in parts)
    return None if VERSION.search(name) else name[-MAX_LENGTH:].lstrip("/")
