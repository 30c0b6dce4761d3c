"""Comparisons that leave designs out, such as ``d_model == 1024 and num_layers > 9``; never evaluated as code."""

import ast
import itertools
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, Final, final

from c5snn.errors import ConfigError

__all__ = ["Exclusion", "parse_exclusion"]

COMPARISONS: Final[dict[type[ast.cmpop], Callable[[Any, Any], bool]]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
MAX_LENGTH: Final = 500
JOINS: Final = (ast.BoolOp, ast.boolop, ast.Compare, ast.Name, ast.Load, ast.Not, ast.USub)


@final
class Exclusion:
    """One comparison, parsed.

    Args:
        text: As it is written.
        tree: What it holds.

    Attributes:
        names: What it names.
    """

    def __init__(self, text: str, tree: ast.expr) -> None:
        self.text, self.tree = text, tree
        self.names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}

    def holds(self, known: Mapping[str, Any]) -> bool:
        """Say whether it holds.

        Args:
            known: The value of each name.
        """
        return bool(_value(self.tree, known))


def parse_exclusion(text: str) -> Exclusion:
    """Parse comparisons of names with numbers, joined by ``and``, ``or`` and ``not``.

    Args:
        text: As it is written.

    Raises:
        ConfigError: It is something else.

    >>> rule = parse_exclusion("64 <= d_model < 128 and not num_layers == 2")
    >>> rule.holds({"d_model": 64, "num_layers": 3}), rule.holds({"d_model": 128, "num_layers": 3})
    (True, False)
    """
    wrong = "A rule must compare names with numbers, such as `d_model == 1024 and num_layers > 9`"
    if len(text) > MAX_LENGTH:
        raise ConfigError(f"{wrong}, in at most {MAX_LENGTH} characters, but has {len(text)}.")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ConfigError(f"{wrong}, but is {text!r}.") from error
    for node in ast.walk(tree):
        known = isinstance(node, JOINS) or type(node) in COMPARISONS
        sign = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub)
        if not (known or sign or (isinstance(node, ast.Constant) and _is_number(node.value))):
            raise ConfigError(f"{wrong}, but {text!r} holds {type(node).__name__}.")
    if not isinstance(tree, ast.BoolOp | ast.Compare | ast.UnaryOp):
        raise ConfigError(f"{wrong}, but is {text!r}.")
    return Exclusion(text, tree)


def _value(node: ast.expr, known: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a number or a truth value
    match node:
        case ast.BoolOp():
            values = [bool(_value(part, known)) for part in node.values]
            return all(values) if isinstance(node.op, ast.And) else any(values)
        case ast.UnaryOp():
            value = _value(node.operand, known)
            return not value if isinstance(node.op, ast.Not) else -value
        case ast.Compare():
            terms = [_value(term, known) for term in (node.left, *node.comparators)]
            pairs = zip(node.ops, itertools.pairwise(terms), strict=True)
            return all(COMPARISONS[type(comparison)](*pair) for comparison, pair in pairs)
        case ast.Name():
            return known[node.id]
    return ast.literal_eval(node)


def _is_number(value: object) -> bool:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return is_number and math.isfinite(value)  # type: ignore[arg-type]  # a number
