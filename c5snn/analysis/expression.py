"""A metric as it is asked for: a name, or plain arithmetic on names. It is parsed and never evaluated as code.

Only numbers, names, brackets and ``+ - * /`` are read; length, depth and size are limited before anything is computed.
"""

import ast
import math
import operator
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from c5snn.errors import ConfigError, require

__all__ = ["MetricExpression", "parse_metric"]

MAX_LENGTH: Final = 2000
MAX_DEPTH: Final = 50
MAX_NODES: Final = 500

OPERATORS: Final[dict[type[ast.operator], Callable[[float, float], float]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
SIGNS: Final[dict[type[ast.unaryop], Callable[[float], float]]] = {ast.UAdd: operator.pos, ast.USub: operator.neg}


@dataclass(frozen=True)
class MetricExpression:
    """A metric that is asked for.

    Args:
        name: What it is called.
        text: How it is computed; equal to the name where it is recorded as it is.
        tree: Its arithmetic.
        names: The recorded metrics that it needs, in the order in which they appear.
    """

    name: str
    text: str
    tree: ast.expr
    names: tuple[str, ...]

    @property
    def is_derived(self) -> bool:
        """Whether it is computed from others."""
        return not isinstance(self.tree, ast.Name)

    @property
    def is_rising(self) -> bool:
        """Whether it rises with every metric that it names: their sum, with positive factors."""
        return _is_rising(self.tree)

    def value(self, metrics: Mapping[str, float]) -> float | None:
        """Return the value for one trial; None where a name is missing or the result is no finite number."""
        if any(name not in metrics for name in self.names):
            return None
        try:
            found = _value(self.tree, metrics)
        except (ZeroDivisionError, OverflowError):
            return None
        return found if math.isfinite(found) else None


def parse_metric(text: str) -> MetricExpression:
    """Read ``NAME``, ``EXPRESSION`` or ``NAME=EXPRESSION``.

    Args:
        text: As it is written.

    Raises:
        ConfigError: It is no plain arithmetic, or too long or too deep.

    >>> accuracy = parse_metric("accuracy=(3*val_acc_S1 + val_acc_S2)/4")
    >>> accuracy.name, accuracy.names, accuracy.value({"val_acc_S1": 1.0, "val_acc_S2": 0.0})
    ('accuracy', ('val_acc_S1', 'val_acc_S2'), 0.75)
    """
    require(f"len(metric) <= {MAX_LENGTH}", holds=len(text) <= MAX_LENGTH, length=len(text))
    name, equals, written = text.partition("=")
    if not equals:
        name, written = text, text
    name, written = name.strip(), written.strip()
    if equals and not name.isidentifier():
        raise ConfigError(f"The name of a metric must be a word, but is {name!r} in {text!r}.")
    tree = _parsed(written)
    nodes = list(ast.walk(tree))
    require(f"nodes of the metric <= {MAX_NODES}", holds=len(nodes) <= MAX_NODES, nodes=len(nodes))
    _check(tree, 0)
    words = [node for node in nodes if isinstance(node, ast.Name)]
    names = dict.fromkeys(node.id for node in sorted(words, key=lambda node: node.col_offset))
    if not names:
        raise ConfigError(f"A metric must name what the table records, but {text!r} names nothing.")
    return MetricExpression(name, written, tree, tuple(names))


def _parsed(text: str) -> ast.expr:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"A metric must be a name or arithmetic on names with + - * /, but is {text!r}.") from error


def _check(node: ast.expr, depth: int) -> None:
    """Refuse everything but arithmetic."""
    require(f"depth of the metric <= {MAX_DEPTH}", holds=depth <= MAX_DEPTH, depth=depth)
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        _check(node.left, depth + 1)
        _check(node.right, depth + 1)
    elif isinstance(node, ast.UnaryOp) and type(node.op) in SIGNS:
        _check(node.operand, depth + 1)
    elif not isinstance(node, ast.Name) and not _is_number(node):
        found = type(node.op if isinstance(node, ast.BinOp | ast.UnaryOp) else node).__name__
        raise ConfigError(f"A metric may hold names, numbers, brackets and + - * / alone, but holds {found}.")


def _is_number(node: ast.expr) -> bool:
    if not isinstance(node, ast.Constant) or isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return False
    try:
        return math.isfinite(float(node.value))
    except OverflowError:
        return False


def _is_rising(node: ast.expr) -> bool:
    if not _has_names(node):
        return True
    if not isinstance(node, ast.BinOp):
        return not isinstance(node, ast.UnaryOp) or (isinstance(node.op, ast.UAdd) and _is_rising(node.operand))
    if isinstance(node.op, ast.Add):
        return _is_rising(node.left) and _is_rising(node.right)
    if isinstance(node.op, ast.Sub):
        return _is_rising(node.left) and not _has_names(node.right)
    factor, other = (node.left, node.right) if not _has_names(node.left) else (node.right, node.left)
    is_scaled = not _has_names(factor) and not (isinstance(node.op, ast.Div) and factor is node.left)
    return is_scaled and _is_positive(factor) and _is_rising(other)


def _has_names(node: ast.expr) -> bool:
    return any(isinstance(inner, ast.Name) for inner in ast.walk(node))


def _is_positive(node: ast.expr) -> bool:
    try:
        return _value(node, {}) > 0
    except (ZeroDivisionError, OverflowError):
        return False


def _value(node: ast.expr, metrics: Mapping[str, float]) -> float:
    if isinstance(node, ast.BinOp):
        return OPERATORS[type(node.op)](_value(node.left, metrics), _value(node.right, metrics))
    if isinstance(node, ast.UnaryOp):
        return SIGNS[type(node.op)](_value(node.operand, metrics))
    if isinstance(node, ast.Name):
        return float(metrics[node.id])
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    raise TypeError(f"arithmetic that was checked holds {type(node).__name__}")
