"""One line out of a parser's sixty: the innermost reason, and the option that was probably meant."""

import difflib
import re
from collections.abc import Iterable

__all__ = ["usage_error"]

# the most telling line first
REASONS = (
    r"Importing '(?P<path>[^']+)' is not allowed",
    r"Option '(?P<option>[\w.]+)' is not accepted",
    r"unrecognized arguments: --(?P<flag>[\w.]+).*",
    r"Expected a dot import path string: (?P<name>.*)",
    r"Expected (?!a <class 'NoneType'>).*Got value: .*",
    r"Import path does not correspond to .*",
    r"Expected (?!a <class 'NoneType'>).*",
)


def usage_error(message: str, options: Iterable[str], classes: Iterable[str] = ()) -> str:
    """Condense a parsing error to its innermost reason.

    Args:
        message: What jsonargparse says, over many lines.
        options: The options that exist, such as ``data.window``.
        classes: The names that a class may have, such as ``SpikeGRU``.

    Returns:
        One line; where something is unknown, with the nearest name that exists.

    >>> usage_error("unrecognized arguments: --data.windo 3", ["data.window", "data.path"])
    'unrecognized arguments: --data.windo 3. Did you mean `data.window`?'
    """
    if re.search("arguments are required: model", message):
        return "A model must be given, but got none; add `--config spike_gru.yaml` or `--model SpikeGRU`."
    found = next((match for reason in REASONS if (match := re.search(reason, message))), None)
    keys = ".".join(re.findall(r'Parser key "([\w.]+)"', message))
    if found is None:
        return " ".join(message.split())
    groups = found.groupdict()
    if path := groups.get("path"):
        reason = (
            f"`{path}` is not among the modules that a configuration may import; add a module of your own to the "
            "environment variable C5SNN_ALLOWED_IMPORTS to allow it"
        )
    else:
        reason = re.sub(r"<class '(\w+)'>", r"\1", found[0])
    unknown = next((f"{keys}.{name}".strip(".") for name in (groups.get("option"), groups.get("flag")) if name), None)
    nearest = _nearest(groups["name"], classes) if groups.get("name") else _nearest(unknown, options)
    return f"{f'`{keys}`: ' if keys else ''}{reason}.{nearest}"


def _nearest(name: str | None, candidates: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(candidates), n=1) if name else []
    return f" Did you mean `{close[0]}`?" if close else ""
