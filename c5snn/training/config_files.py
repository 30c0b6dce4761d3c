"""Where a configuration's name leads: as given, in ./configs/, then among the shipped ones."""

from collections.abc import Sequence
from pathlib import Path

import yaml

import c5snn
from c5snn.errors import ConfigError

__all__ = ["find_config", "resolve_configs"]

CONFIG_FLAGS = ("--config", "-c")
LINKED_ARGUMENTS = ("window", "n_parts")


def find_config(name: str, folder: str = "configs") -> Path:
    """Return the file that ``name`` means.

    Args:
        name: A path, or the name of a file below ``./<folder>/`` or of a shipped one, such as ``original/gru.yaml``.
        folder: ``configs`` for runs, ``sweeps`` for sweeps.

    Raises:
        ConfigError: No such file; the message lists the shipped ones.
    """
    package = Path(c5snn.__file__).parent
    roots = [Path(), Path(folder), package / folder, package.parent / folder]  # in a wheel, in a checkout
    for root in roots:
        if (root / name).is_file():
            return root / name
    shipped = sorted({path.relative_to(root).as_posix() for root in roots[2:] for path in root.rglob("*.yaml")})
    raise ConfigError(f"A configuration must be a file, but `{name}` is none. Shipped are: {', '.join(shipped)}.")


def resolve_configs(words: Sequence[str]) -> list[str]:
    """Replace the value of every ``--config`` by the file that it means.

    Raises:
        ConfigError: A file is missing, is no mapping, or states a shape of the model that belongs to the data.
    """
    resolved: list[str] = []
    for word in words:
        flag, equals, name = word.partition("=")
        if resolved and resolved[-1] in CONFIG_FLAGS:
            resolved.append(_checked(find_config(word)))
        elif equals and flag in CONFIG_FLAGS:
            resolved.append(f"{flag}={_checked(find_config(name))}")
        else:
            resolved.append(word)
        _refuse_linked(flag)
    return resolved


def _checked(path: Path) -> str:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(f"`{path}` must be YAML, but reading it says: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"`{path}` must hold a mapping of options, but holds {type(content).__name__}.")
    model = content.get("model")
    for name in (model.get("init_args") or {}) if isinstance(model, dict) else ():
        _refuse_linked(f"--model.init_args.{name}")
    return str(path)


def _refuse_linked(flag: str) -> None:
    for name in LINKED_ARGUMENTS:
        if flag in {f"--model.{name}", f"--model.init_args.{name}"}:
            raise ConfigError(f"A shape is stated once: `{flag}` follows the data; give `--data.{name}` instead.")
