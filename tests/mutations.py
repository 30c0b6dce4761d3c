"""Hostile changes of a configuration, from a seed: whatever the outcome, it must be one line."""

import json

__all__ = ["mutated"]

ALIASES = "&a [x, x, x, x, x, x, x, x, x]"
BOMB = "{" + ", ".join(
    [f"a0: {ALIASES.replace('&a', '&a0')}", *(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9))]
) + "}"  # fmt: skip
# values as YAML text
VALUES = [
    "9" * 5_000, "-" + "9" * 30, str(2**63), str(2**63 - 1), str(-(2**63)), str(2**31), "10" * 6, "0", "-1", "1.5",
    "-0.0", "1e400", ".nan", ".inf", "-.inf", "1e-320", "2024-01-01", "2024-01-01 10:00:00", "!!binary aGVsbG8=",
    "!!set {a, b}", "!!python/name:os.system x", "null", "true", "no", "[]", "{}", "[1, [2, [3]]]", "[null]", "{a: 1}",
    "{class_path: null}", "{class_path: [SpikeGRU]}", "{class_path: SpikeGRU, init_args: [1]}", "{class_path: ''}",
    "{class_path: GRU, init_args: null, dict_kwargs: {a: 1}}", "{init_args: {a: 1}}", "{class_path: os.system}",
    "''", "' '", "'\\0'", '"\\0"', '"\\ud800"', '"\\e[31mred"', "'" + "x" * 20_000 + "'", "*nowhere", "&x [*x]", BOMB,
    "[" * 500 + "]" * 500, "'" + "[" * 500 + "]" * 500 + "'", "0x1F", "1:2:3", "1_000", "~", "=", "<<", "'${HOME}'",
    "'../../../etc/passwd'", "'http://127.0.0.1:9/x'", "/dev/zero", "'%s%n'", "'{0.__class__}'", "\\g<1>", "[1e999]",
    "[a, a]", "{1: 2}", "{null: 1}", "{'': 1}", "{[a]: 1}",
]  # fmt: skip
KEYS = [
    "''",
    "null",
    "1",
    "[a, b]",
    "class_path",
    "init_args",
    "<<",
    "config",
    "help",
    "__class__",
    "a.b",
    "'a b'",
    "-x",
]


class Raw(str):
    """YAML text that is written as it is."""

    __slots__ = ()


def mutated(config, random):
    """Return the YAML text of a configuration with one or two hostile changes.

    Args:
        config: Nested mappings and lists of plain values.
        random: A numpy generator.
    """
    changed = json.loads(json.dumps(config))
    for _ in range(int(random.integers(1, 3))):
        places = list(nodes(changed))
        parent, key = places[int(random.integers(len(places)))]
        change(parent, key, random)
    text = rendered(changed)
    if random.random() < 0.1:  # a torn or flipped file
        place = int(random.integers(len(text)))
        text = text[:place] + text[place + 1 :] if random.random() < 0.5 else text[:place]
    return text


def nodes(node):
    """Yield every place in nested collections, as the collection and the key."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        yield node, key
        if isinstance(value, dict | list):
            yield from nodes(value)


def change(parent, key, random):
    kind, hostile = int(random.integers(8)), Raw(pick(VALUES, random))
    if kind < 5:
        parent[key] = hostile
    elif kind == 5:
        parent[key] = [parent[key]]
    elif kind == 6 and isinstance(parent, dict):
        parent[Raw(pick(KEYS, random))] = hostile
    elif isinstance(parent, dict):
        parent[Raw(pick(KEYS, random))] = parent.pop(key)
    else:
        parent.append(hostile)


def pick(values, random):
    return values[int(random.integers(len(values)))]


def rendered(node):
    """Return flow-style YAML."""
    if isinstance(node, Raw):
        return str(node)
    if isinstance(node, dict):
        return "{" + ", ".join(f"{rendered(key)}: {rendered(value)}" for key, value in node.items()) + "}"
    if isinstance(node, list):
        return f"[{', '.join(map(rendered, node))}]"
    return json.dumps(node)
