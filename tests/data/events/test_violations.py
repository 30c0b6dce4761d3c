from hypothesis import given
from hypothesis import strategies as st

from c5snn.data.events.violations import Violation, Violations


@given(st.lists(st.lists(st.integers(2, 300), max_size=150), max_size=4), st.integers(0, 120))
def test_the_first_violations_are_those_nearest_to_the_top_whatever_rule_they_break(rules, limit):
    violations = Violations()
    for number, rows in enumerate(rules):
        violations.add_all(len(rows), (Violation(row, f"c{number}", "words") for row in sorted(rows)))
    every_row = sorted(row for rows in rules for row in rows)
    assert [violation.row for violation in violations.first(limit)] == every_row[: min(limit, 100)]
    assert len(violations) == len(every_row)
    assert bool(violations) == bool(every_row)


def test_violations_that_nobody_will_read_are_not_put_into_words():
    def lazily():
        for row in range(1_000):
            assert row <= 100
            yield Violation(row, "date", "words")

    violations = Violations()
    violations.add_all(1_000, lazily())
    assert len(violations) == 1_000
