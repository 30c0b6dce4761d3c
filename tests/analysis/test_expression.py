"""A metric may be arithmetic on recorded metrics; it is parsed, and nothing in it is ever run."""

import builtins

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.analysis.expression import parse_metric
from c5snn.errors import ConfigError

NUMBERS = st.floats(-100, 100, allow_nan=False).map(lambda x: round(x, 3))


def expressions():
    leaf = st.sampled_from(["a", "b_1"]) | NUMBERS.map(lambda x: f"({x})")
    pair = lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}{t[1]}{t[2]})")  # noqa: E731
    return st.recursive(leaf, lambda inner: pair(inner) | inner.map(lambda text: f"-{text}"), max_leaves=12)


@given(expressions(), NUMBERS, NUMBERS)
def test_arithmetic_is_what_python_computes(text, a, b):
    if "a" not in text and "b" not in text:
        text = f"a+{text}"
    try:
        expected = eval(text, {"__builtins__": {}}, {"a": a, "b_1": b})  # noqa: S307  # the oracle, of words made above
    except ZeroDivisionError:
        expected = None
    found = parse_metric(f"name={text}").value({"a": a, "b_1": b})
    assert found == expected or found == pytest.approx(expected)


@given(st.text(max_size=60))
def test_any_text_is_a_metric_or_one_error(text):
    try:
        parsed = parse_metric(text)
    except ConfigError:
        return
    assert parsed.names


HOSTILE = [
    "__import__('os').system('true')", "a.b", "a[0]", "a()", "a**9", "9**9**9*a", "a<<9", "a//2", "a%2", "a@b",
    "a if a else b", "lambda: a", "[a for a in b]", "a:=1", "a and b", "a<b", "not a", "~a", "f'{a}'", "'a'*9",
    "True+a",
    "1j*a", "a,b", "...", "{a}", "a==b", "", "=", "x y=a", "a\x00", "1", "(" * 300 + "a" + ")" * 300,
    "+".join("a" * 400),
    "-" * 60 + "a", "a*1" + "0" * 400, "a" * 2001,
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_all_but_limited_arithmetic_is_refused(text, monkeypatch):
    monkeypatch.setattr(builtins, "eval", None)
    monkeypatch.setattr(builtins, "exec", None)
    with pytest.raises(ConfigError):
        parse_metric(text)


def test_a_missing_metric_and_a_division_by_zero_have_no_value():
    ratio = parse_metric("ratio=a/b")
    assert ratio.value({"a": 1.0}) is None
    assert ratio.value({"a": 1.0, "b": 0.0}) is None
    assert ratio.value({"a": 1.0, "b": 4.0}) == 0.25
