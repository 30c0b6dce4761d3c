"""Reads YAML that people write: plain values in nested mappings, within limits, and nothing that would surprise.

The limits hold before anything is built: an alias of aliases can stand for more values than a memory holds.
"""

from collections.abc import Hashable, Iterable, Mapping
from pathlib import Path
from typing import Any, NoReturn, final

import yaml

from c5snn.errors import ConfigError

__all__ = ["read_yaml"]

MAX_BYTES = 250_000
MAX_DEPTH = 40
MAX_VALUES = 50_000  # aliases written out
MAX_INTEGER = 2**63 - 1  # what a tensor, a seed and JSON's readers can hold
TAG = "tag:yaml.org,2002:"
KEY_TAGS = {f"{TAG}{kind}" for kind in ("str", "merge", "int", "float")}
SHARES = "weights"


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file that holds a mapping of options.

    Args:
        path: The file.

    Raises:
        ConfigError: It cannot be read, is no YAML or no mapping, breaks a limit, names a key twice, or holds other
            than plain values.
    """
    try:
        content = _load(_text(path))
    except OSError as error:
        raise ConfigError(f"`{path}` must be a file to read, but: {error.strerror or error}.") from error
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"`{path}` must be YAML, but reading it says: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ConfigError(f"`{path}` must hold a mapping of options, but holds {type(content).__name__}.")
    number = _number_as_key(content)
    if number is not None:
        raise ConfigError(f"`{path}` must be YAML, but reading it says: found a key that is no word: {number}")
    return content


def _number_as_key(content: object) -> object | None:
    """Return a number that is a key; shares of an option's values (``weights``) may have some."""
    if isinstance(content, list):
        return next((found for entry in content if (found := _number_as_key(entry)) is not None), None)
    if not isinstance(content, dict):
        return None
    for key, value in content.items():
        if not isinstance(key, str):
            number: object = key
            return number
        if key != SHARES and (found := _number_as_key(value)) is not None:
            return found
    return None


def _text(path: Path) -> str:
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise ValueError(f"it must be at most {MAX_BYTES:,} bytes long")
    return content.decode()


def _load(text: str) -> object:
    _check_limits(yaml.parse(text, yaml.SafeLoader))
    return yaml.load(text, _PlainLoader)  # noqa: S506  # a safe loader that knows less


def _check_limits(events: Iterable[yaml.Event]) -> None:
    """Refuse what is too deep or, with every alias written out, too much; and tags, which ask for other values."""
    sizes: dict[str, int] = {}  # of each anchor's value
    open_nodes: list[tuple[str | None, int]] = [(None, 0)]  # the document, then each open collection
    for event in events:
        if tag := getattr(event, "tag", None):
            raise ValueError(f"it must hold plain values, but found the tag `{tag}`")
        if isinstance(event, yaml.CollectionStartEvent):
            open_nodes.append((event.anchor, 1))
        elif isinstance(event, yaml.CollectionEndEvent | yaml.NodeEvent):
            anchor, size = open_nodes.pop() if isinstance(event, yaml.CollectionEndEvent) else _leaf(event, sizes)
            if anchor:
                sizes[anchor] = size
            outer, before = open_nodes[-1]
            open_nodes[-1] = outer, before + size
        if len(open_nodes) > MAX_DEPTH:
            raise ValueError(f"it must be nested at most {MAX_DEPTH} levels deep")
        if open_nodes[-1][1] > MAX_VALUES:
            raise ValueError(f"it must hold at most {MAX_VALUES:,} values, aliases written out")


def _leaf(event: yaml.NodeEvent, sizes: Mapping[str, int]) -> tuple[str | None, int]:
    """Return the anchor and the size of a scalar or of what an alias stands for."""
    if not isinstance(event, yaml.AliasEvent):
        return event.anchor, 1
    size = sizes.get(str(event.anchor))
    if size is None:
        raise ValueError(f"the alias `*{event.anchor}` must follow its anchor's value")
    return None, size


@final
class _PlainLoader(yaml.SafeLoader):
    """Builds plain values; dates stay words, and an integer fits 64 bits."""

    yaml_implicit_resolvers = {  # noqa: RUF012  # as overridden
        first: [(tag, pattern) for tag, pattern in entries if not tag.endswith(":timestamp")]
        for first, entries in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_yaml_int(self, node: yaml.ScalarNode) -> int:
        """Build an integer of at most 64 bits."""
        if len(node.value) > 100:  # noqa: PLR2004  # 64 bits in base 2, with signs and separators
            self._refuse(node, f"an integer of {len(node.value):,} characters")
        number = int(super().construct_yaml_int(node))
        if abs(number) > MAX_INTEGER:
            self._refuse(node, f"the integer {number}, which does not fit 64 bits")
        return number

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """Build a mapping whose keys are words or numbers, each once."""
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag not in KEY_TAGS or not key.value:
                self._refuse(key, "a key that is no word")
            if key.value in seen:
                self._refuse(key, f"the key `{key.value}` twice")
            seen.add(key.value)
        return super().construct_mapping(node, deep)

    def _refuse(self, node: yaml.Node, what: str) -> NoReturn:
        raise yaml.constructor.ConstructorError(None, None, f"found {what}", node.start_mark)


_PlainLoader.add_constructor(f"{TAG}int", _PlainLoader.construct_yaml_int)
