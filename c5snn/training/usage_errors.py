"""One line out of a parser's sixty: the innermost reason, and what was probably meant."""

import difflib
import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise, takewhile

__all__ = ["NO_MODEL", "misplaced_words", "usage_error"]

NO_MODEL = "A model must be given, but got none; add `--config spike_gru.yaml` or `--model SpikeGRU`."

# the most telling line first
REASONS = (
    # a single callback is tried as the abstract class, too
    r"Importing '(?P<path>(?!lightning\.Callback')[^']+)' is not allowed",
    r"Option '(?P<option>[\w.]+)' is not accepted",
    r"unrecognized arguments: --(?P<flag>[\w.]+).*",
    r"(?:class_path '[\w.]*?(?P<user>\w+)':\s+)?(?P<needs>Requirement '.*)",
    r"(?P<told>To use the .*, you must have [^.]*)\.",
    r"class_path '(?P<cls>[^']+)':\s+the following arguments are required: (?P<required>\w+)",
    r"expects a function or a callable class|add_function_arguments\(\)",
    r"class_path '(?P<faulty>[^']+)':\s+(?P<problem>(?!\s|Parser key|Does not|'|Expected|Not a|Importing).*)",
    r"Expected a <class '(?P<kind>int|float|str|bool)'>\. Got value: (?P<value>.*)",
    r"Expected (?!a <class 'NoneType'>|a path but).*Got value: .*",
    (
        r"Subtypes: \[(?P<kinds>(?:(?:<class '(?:int|float|bool|NoneType|torch.Tensor)'>|list\[\w+\])(?:, )?)+)\]"
        r"\n\s*Errors:(?:\n\s*- .*)+\n\s*Given value type: .*\n\s*Given value: (?P<given>.*)"
    ),
    r"Expected a typing\.Literal\[(?P<words>[^\]]*)\]",
    r"Errors:\s+- (?P<refusal>(?!Expected|Problem|Not a|Import).+)\n\s+- Not a valid subclass",
    r"Expected a dot import path string: (?P<name>.*)",
    r"Import path does not correspond to .*",
    r"Importing '(?P<path>[^']+)' is not allowed",
    r"Expected (?!a <class 'NoneType'>|a path but).*",
)
KINDS = {"int": "a whole number", "float": "a number", "list": "a list", "str": "text", "bool": "true or false"}


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
        return NO_MODEL
    found = next((match for reason in REASONS if (match := re.search(reason, message))), None)
    if found is None:
        return " ".join(message.split())
    keys, groups = _keys(message[: found.start()]), found.groupdict()
    unknown = next((f"{keys}.{name}".strip(".") for name in (groups.get("option"), groups.get("flag")) if name), None)
    nearest = _nearest_class(groups["name"], classes) if groups.get("name") else _nearest(unknown, options)
    if groups.get("option"):
        nearest = _nearest_argument(keys, groups["option"], message[: found.start()]) or nearest
    reason = _reason(found)
    if groups.get("refusal"):
        keys = _only_class(message)
    subject = f"`{keys}`{' ' if reason.startswith('must') else ': '}" if keys else ""
    return f"{subject}{reason}.{nearest}"


def misplaced_words(words: Sequence[str]) -> str | None:
    """Say what to write instead of a word that belongs to no flag; None where there is none.

    >>> misplaced_words(["--config", "gru.yaml", "--data.split", "0.8", "0.1", "0.1"])
    '`--data.split` takes one value; write `--data.split [0.8,0.1,0.1]`.'
    """
    if words and not words[0].startswith("-"):
        if words[0].endswith((".yaml", ".yml")):
            return f"A configuration follows a flag; write `--config {words[0]}`."
        return f"`{words[0]}` follows no flag; a configuration is given as `--config FILE`, a model as `--model NAME`."
    for i, (flag, word) in enumerate(pairwise(words)):
        values = list(takewhile(lambda value: not value.startswith("--"), words[i + 1 :]))
        if flag.startswith("--") and "=" in flag and not word.startswith("-"):
            return f"`{word}` follows no flag; `{flag}` has its value."
        if flag.startswith("--") and len(values) > 1:
            if values[-1].endswith((".yaml", ".yml")):
                return f"A configuration follows a flag; write `--config {values[-1]}`."
            return f"`{flag}` takes one value; write `{flag} [{','.join(values)}]`."
    return None


def _keys(message: str) -> str:
    """Return the option that the last line is about: the keys above it, each further in than the one before."""
    keys: list[tuple[int, str]] = []
    for line in message.splitlines():
        if key := re.match(r'([\s-]*)Parser key "([\w.]+)"', line):
            keys = [entry for entry in keys if entry[0] < len(key[1])]
            keys.append((len(key[1]), key[2]))
    return ".".join(name for _, name in keys)


def _only_class(message: str) -> str:
    """Return the class that was given; empty where there are several."""
    given = re.findall(r"class_path='[\w.]*?(\w+)'", message.rpartition("Given value: ")[2])
    return str(given[0]) if len(given) == 1 else ""


def _nearest_argument(option: str, name: str, message: str) -> str:
    """Return what the class that was given takes instead of an argument; empty where no class is known."""
    paths = re.findall(r"class_path '([\w.]+)'", message)
    module, _, class_name = paths[-1].rpartition(".") if paths else ("", "", "")
    cls = getattr(sys.modules.get(module), class_name, None)
    if not inspect.isclass(cls):
        return ""
    hidden = {"self", "args", "kwargs", "params", "optimizer"}
    names = [entry for entry in inspect.signature(cls).parameters if entry not in hidden]
    close = difflib.get_close_matches(name, names, n=1)
    return f" Did you mean `{option}.{close[0]}`?" if close else f" `{class_name}` takes {', '.join(names) or 'none'}."


def _reason(found: re.Match[str]) -> str:
    """Return the sentence of what was found."""
    match {name: text for name, text in found.groupdict().items() if text is not None}:
        case {"path": path} if path.endswith((".yaml", ".yml")):
            reason = f"`{path}` is a file; write `--config {path}`"
        case {"path": path}:
            reason = (
                f"`{path}` is not among the modules that a configuration may import; add a module of your own to the "
                "environment variable C5SNN_ALLOWED_IMPORTS to allow it"
            )
        case {"needs": needs, **rest}:
            package = re.match(r"Requirement '([\w-]+)", needs)
            user = f"`{rest['user']}`" if "user" in rest else "it"
            reason = f"{user} needs a package that is not installed: pip install {package[1] if package else needs}"
        case {"cls": cls, "required": required}:
            reason = f"`{cls.rpartition('.')[2]}` needs `{required}`, which has no default"
        case {"faulty": faulty, "problem": problem}:
            reason = f"`{faulty.rpartition('.')[2]}`: {problem.rstrip('.')}"
        case {"told": told} | {"refusal": told}:
            reason = told.rstrip(".")
        case {"kind": _} | {"kinds": _} | {"words": _} | {"name": _}:
            reason = _value_reason(found)
        case _ if "function" in found[0]:
            reason = "functions are no values of a configuration; write a class of your own"
        case _:
            reason = re.sub(r"<class '(\w+)'>", r"\1", found[0])
    return reason


def _value_reason(found: re.Match[str]) -> str:
    """Return what a value must be."""
    match {name: text for name, text in found.groupdict().items() if text is not None}:
        case {"kind": kinds, "value": value} | {"kinds": kinds, "given": value}:
            taken = [words for kind, words in KINDS.items() if re.search(rf"\b{kind}\b", kinds)]
            if "a number" in taken and "a whole number" in taken:
                taken.remove("a whole number")
            return f"must be {' or '.join(taken)}, but is {value}"
        case {"name": name}:
            return f"there is no class `{name}`"
    choices = ", ".join(re.findall(r"Expected a typing\.Literal\[([^\]]*)\]", found.string))
    return f"must be one of {', '.join(dict.fromkeys(choices.replace(chr(39), '').split(', ')))}"


def _nearest(name: str | None, candidates: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(candidates), n=1) if name else []
    return f" Did you mean `{close[0]}`?" if close else ""


def _nearest_class(name: str, classes: Iterable[str]) -> str:
    """Return the class whose name is meant, however it is spelt: ``spike_gru`` and ``SpikeGRU`` are one."""
    if name.endswith((".yaml", ".yml")):
        return f" Did you mean `--config {name}`?"
    spelt = {entry.lower(): entry for entry in classes}
    close = difflib.get_close_matches(name.replace("_", "").lower(), spelt, n=1)
    return f" Did you mean `{spelt[close[0]]}`?" if close else ""
