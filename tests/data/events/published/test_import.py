"""Every published shape becomes the history that it means, row by row, or asks the one question that it must."""

import re
import shlex

import numpy as np
import pytest

from c5snn.commands.data import main
from c5snn.data.events.history import read_events
from c5snn.errors import C5Error, ConfigError, DataError
from tests.data.events.published.habits import HABITS
from tests.data.events.published.shapes import DAYS, PLAIN, QUESTIONS, SHAPES, SIMPLE, Shape, draws, lines

ALL = SHAPES | HABITS


def imported(tmp_path, shape: Shape, *options: str):
    """Import a shape and return its history."""
    source, target = tmp_path / shape.name, tmp_path / "history.csv"
    source.write_bytes(shape.text if isinstance(shape.text, bytes) else shape.text.encode())
    assert main(["import", str(source), str(target), *shape.options, *options]) == 0
    return read_events(target, shape.n_parts, len(shape.parts[0]))


@pytest.mark.parametrize("name", ALL)
def test_a_published_shape_is_read_row_by_row_as_it_was_meant(tmp_path, name):
    shape = ALL[name]()
    history = imported(tmp_path, shape)
    assert history.parts.tolist() == [sorted(event) for event in shape.parts]
    assert np.array(shape.dates).tolist() == history.dates.astype(np.array(shape.dates).dtype).tolist()


@pytest.mark.slow
@pytest.mark.parametrize("name", ALL)
def test_the_printed_command_line_repeats_the_import(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    shape = ALL[name]()
    imported(tmp_path, shape)
    first = (tmp_path / "history.csv").read_bytes()
    command = re.search(r"The same again:\n(.*)\n", capsys.readouterr().out)[1]
    program, group, *words = shlex.split(command)
    assert (program, group) == ("c5snn", "data")
    assert main([*words, "--force"]) == 0
    assert (tmp_path / "history.csv").read_bytes() == first
    assert command in capsys.readouterr().out


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_a_file_leaves_open_is_asked_for_and_the_answer_is_taken(tmp_path, name):
    question = QUESTIONS[name]()
    with pytest.raises(C5Error) as caught:
        imported(tmp_path, question.shape)
    assert re.search(question.words, str(caught.value))
    assert not (tmp_path / "history.csv").exists()
    imported(tmp_path, question.shape, *question.answer)
    _, *rows = (tmp_path / "history.csv").read_text().splitlines()
    assert rows == [f"{key},{','.join(map(str, event))}" for key, event in question.history]


def simple(**changes: str) -> Shape:
    """The plain shape after its rows, counted from 0 without the header, were replaced."""
    rows = lines(PLAIN, "date,a,b,c,d,e").splitlines()
    for row, text in changes.items():
        rows[int(row.removeprefix("row_")) + 1] = text
    return Shape("\n".join(rows), SIMPLE)


DIGITS = np.random.default_rng(3).integers(0, 10, (60, 3)).tolist()
GLUED = [["".join(map(str, event)), "".join(map(str, event[::-1]))] for event in DIGITS]
SPELLED = [[str(cell) for cell in row] for row in PLAIN]
REFUSED = {
    "a date that is none": (
        simple(row_5="2024-02-30,1,2,3,4,5"),
        "row 7, column date: a date must be %Y-%m-%d, but got '2024-02-30'",
    ),
    "a missing number": (
        simple(row_5=f"{DAYS[5]},1,2,,4,5"),
        "row 7, column numbers: an event must have 5 whole numbers",
    ),
    "text for a number": (
        simple(row_5=f"{DAYS[5]},1,2,x,4,5"),
        "row 7, column numbers: an event must have 5 whole numbers",
    ),
    **{
        f"{cell} in one cell": (
            Shape(
                lines([[row[0], " ".join(row[1:])] for row in SPELLED[:30]] + [[SPELLED[30][0], cell]], "date,numbers"),
                [],
            ),
            "row 32, column numbers: an event must have 5 whole numbers",
        )
        for cell in ("05 12 20 33 3B", "1O 12 20 33 38", "05 12 20 33 99999", "05 12 2é 33 38")
    },
    "a number twice": (
        simple(row_5=f"{DAYS[5]},1,2,4,4,5"),
        "row 7, column numbers: a part must stand once in an event, but got 1 2 4 4 5",
    ),
    "zero": (
        simple(row_5=f"{DAYS[5]},0,1,2,3,4"),
        "`1 <= part <= 39` must hold, but got 0.*\nParts are numbered from 1: add 1",
    ),
    "a cell too many": (
        simple(row_5=f"{DAYS[5]},1,2,3,4,5,6"),
        "row 7, column 6: a row must have 6 cells, but has more",
    ),
    "a cut-off last row": (
        simple(row_59=f"{DAYS[59]},1,2,3"),
        "row 61, column numbers: an event must have 5 whole numbers",
    ),
    "a quote that is never closed": (simple(row_5=f'{DAYS[5]},1,2,3,4,"5'), "row 7: quotes must enclose a whole cell"),
    "a broken number where there are no dates": (
        Shape(
            lines([["3l" if t == 30 else t, *e] for t, e in enumerate(SIMPLE)], "draw,a,b,c,d,e"),
            [],
            options=("--key", "draw"),
        ),
        "row 32, column draw: a whole number of at most nine digits must stand here, but got '3l'",
    ),
    "digits": (
        Shape(lines([[str(d), *e] for d, e in zip(DAYS, DIGITS, strict=True)], "date,a,b,c"), DIGITS),
        "a digit stands twice. Digits may repeat and their order counts",
    ),
    **{
        f"digits of {name} in one cell": (
            Shape(lines([[str(d), *cells] for d, cells in zip(DAYS, GLUED, strict=True)], header), []),
            f"Column {column} holds the digits of a game in one cell",
        )
        for name, header, column in (
            ("two draws", "date,Midday,Evening", "Midday"),
            ("a draw", "date,Number,Fireball", "Number"),
        )
    },
    "a bonus number of another pool that is included": (
        Shape(
            lines([[row[0], " ".join(row[1:]) + f" + {row[1]}"] for row in SPELLED], "date,numbers"),
            [],
            options=("--bonus", "include"),
        ),
        "is of a pool of its own, and cannot be a part beside them",
    ),
    "a web page": (Shape("<!DOCTYPE html><table></table>", []), "is a web page"),
    "a workbook": (Shape(b"PK\x03\x04" + bytes(99), [], name="a.csv"), "is a zip archive or a workbook"),
    "null bytes": (Shape("date,a\n".encode("utf-16-le"), []), "holds null bytes. Say its --encoding"),
    "nothing": (Shape("", []), "must hold 1 to 1,000 columns"),
    "a header alone": (Shape("date,a,b\n", []), "holds no row below its header"),
    "JSON that is none": (Shape('{"a": ', [], name="a.json"), "must be JSON, but is not"),
    "JSON without a table": (Shape('{"a": 1}', [], name="a.json"), "must hold a list of records"),
    "JSON without end": (Shape("[" * 99_999, [], name="a.json"), "must be JSON, but is not"),
    "another ending": (Shape("", [], name="a.xlsx"), "SRC must end in .csv, .tsv, .txt, .json"),
}


@pytest.mark.parametrize(("shape", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_breaks_a_rule_is_refused_with_its_row_and_nothing_is_written(tmp_path, shape, words):
    with pytest.raises(C5Error) as caught:
        imported(tmp_path, shape)
    assert re.search(words, str(caught.value))
    assert not (tmp_path / "history.csv").exists()


def test_events_with_another_count_of_numbers_in_early_years_are_explained_and_cut_by_since(tmp_path):
    late, early = draws(6, 40, 30), draws(5, 40, 31)
    days = [DAYS[0] + t for t in range(120)]
    rows = [[str(d), " ".join(map(str, e))] for d, e in zip(days, early[:50] + late, strict=False)]
    shape = Shape(lines(rows, "date,numbers"), late, dates=days[50:110], n_parts=40)
    with pytest.raises(DataError, match=f"of {days[0]} to {days[49]}: --since DATE leaves earlier ones out"):
        imported(tmp_path, shape)
    assert imported(tmp_path, shape, "--since", str(days[50])).parts.tolist() == late


def test_a_range_that_changes_is_shown_with_its_years_and_since_cuts_it(tmp_path, capsys):
    early, late = draws(5, 35, 32, n_events=400), draws(5, 47, 33, n_events=400)
    days = [DAYS[0] + t for t in range(800)]
    rows = [[str(d), *e] for d, e in zip(days, early + late, strict=True)]
    shape = Shape(lines(rows, "date,a,b,c,d,e"), late, n_parts=47)
    assert len(imported(tmp_path, shape)) == 800
    printed = " ".join(capsys.readouterr().out.split())
    assert f"1 to 35 from {days[0]} to {days[399]} (400 events); 1 to 47 from {days[400]} to {days[799]}" in printed
    assert f"--since {days[400]} keeps the last of them" in printed
    assert imported(tmp_path, shape, "--since", str(days[400]), "--force").parts.tolist() == late
    assert "the range of the numbers changes" not in capsys.readouterr().out


def test_bonus_numbers_are_parts_when_it_is_said(tmp_path):
    drawn = draws(6, 45, 34)
    rows = [[str(d), *e[1:], e[0]] for d, e in zip(DAYS, drawn, strict=True)]
    shape = Shape(lines(rows, "date,n1,n2,n3,n4,n5,bonus"), drawn, n_parts=45)
    assert imported(tmp_path, shape, "--bonus", "include").parts.tolist() == drawn
    cells = Shape(lines([[r[0], "-".join(map(str, r[1:6])) + f"+{r[6]}"] for r in rows], "date,n"), drawn, n_parts=45)
    assert imported(tmp_path, cells, "--bonus", "include", "--force").parts.tolist() == drawn


@pytest.mark.parametrize("by", [{"key": str}, {"reverse": True}, {"key": str, "reverse": True}], ids=str)
@pytest.mark.parametrize("header", ["date,n1,n2,n3,n4,n5", "date,numbers"])
def test_rows_that_are_sorted_as_text_or_downwards_lose_no_number(tmp_path, header, by):
    drawn = draws(5, 39)
    blank = "," if "n1" in header else " "
    rows = [[str(d), blank.join(map(str, sorted(e, **by)))] for d, e in zip(DAYS, drawn, strict=True)]
    assert imported(tmp_path, Shape(lines(rows, header), drawn)).parts.tolist() == drawn


def test_columns_can_be_said_by_name_by_number_and_by_range(tmp_path):
    for said in ("a,b,c,d,e", "2,3,4,5,6", "2-6", "A,B,c,D,e"):
        history = imported(tmp_path, simple(), "--numbers", said, "--date", "1", "--force")
        assert history.parts.tolist() == SIMPLE


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--numbers", "a,b,z"], "'z' is none of them. There are: 1 date, 2 a"),
        (["--numbers", "a,a"], "must name each column once"),
        (["--date", "9"], "'9' is none of them"),
        (["--date-format", "%d"], "must say year, month and day"),
        (["--date-format", "%Y-%q-%d"], "but got `%q`"),
        (["--encoding", "klingon"], "one that Python knows"),
        (["--delimiter", "ab"], "must be one ASCII character"),
        (["--since", "yesterday"], "`--since` must be a date"),
        (["--since", "2099-01-01"], "no row has numbers"),
        (["--n-parts", "1"], "`2 <= n_parts` must hold"),
        (["--n-parts", "30"], "`1 <= part <= 30` must hold, but got"),
        (["--order", "newest-first"], "dates must not go back"),
    ],
)
def test_an_option_that_does_not_fit_is_refused(tmp_path, options, words):
    with pytest.raises(C5Error) as caught:
        imported(tmp_path, simple(), *options)
    assert words in str(caught.value)


def test_a_url_is_refused_in_one_line(tmp_path):
    with pytest.raises(ConfigError, match=r"a file on this machine, but got the URL https://example\.org/a\.csv"):
        main(["import", "https://example.org/a.csv", str(tmp_path / "history.csv")])


SEVEN = draws(7, 45, seed=8, ordered=False)
IN_CELLS = {
    "marked in the cell": ("Result", lambda e: [f'"{", ".join(map(str, sorted(e[:6])))} ({e[6]})"']),
    "at the end of the cell": ("Result", lambda e: [" ".join(map(str, [*sorted(e[:6]), e[6]]))]),
    "in a column beside it": ("Result,Bonus", lambda e: ["-".join(map(str, sorted(e[:6]))), e[6]]),
}


@pytest.mark.parametrize("name", IN_CELLS)
def test_bonus_numbers_beside_a_cell_of_numbers_are_parts_where_that_is_said(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    header, spell = IN_CELLS[name]
    text = lines([[str(d), *spell(event)] for d, event in zip(DAYS, SEVEN, strict=True)], f"date,{header}")
    without = Shape(text, [sorted(event[:6]) for event in SEVEN], n_parts=45, options=("--n-parts", "45"))
    assert imported(tmp_path, without).parts.tolist() == without.parts
    history = imported(tmp_path, Shape(text, SEVEN, n_parts=45), "--bonus", "include", "--force")
    assert history.parts.tolist() == [sorted(event) for event in SEVEN]
    command = re.findall(r"The same again:\n(.*)\n", capsys.readouterr().out)[-1]
    assert main([*shlex.split(command)[2:], "--force"]) == 0
    assert read_events(tmp_path / "history.csv", 45, 7).sha256 == history.sha256
