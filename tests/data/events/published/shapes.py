"""Published shapes of one history: each is written by its own few lines, and says what must be read from it."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

N_EVENTS = 60
DAYS = [np.datetime64("2024-01-05") + 3 * t for t in range(N_EVENTS)]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
FRENCH = [
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
]
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


@dataclass(frozen=True)
class Shape:
    """A file and what it means.

    Args:
        text: Its content.
        parts: The events that must be read, oldest first.
        name: Its name.
        options: What must be said.
        dates: When the events were.
        n_parts: How many parts there are.
    """

    text: str | bytes
    parts: list[list[int]]
    name: str = "published.csv"
    options: tuple[str, ...] = ()
    dates: list[np.datetime64] | list[int] = field(default_factory=lambda: list(DAYS))
    n_parts: int = 39


@dataclass(frozen=True)
class Question:
    """A file that leaves something open: the words that must ask for it, and the answer with what it means."""

    shape: Shape
    words: str
    answer: tuple[str, ...]
    history: list[tuple[str, list[int]]]


def draws(
    size: int = 5, n_parts: int = 39, seed: int = 1, *, n_events: int = N_EVENTS, ordered: bool = True
) -> list[list[int]]:
    """Random events; the first holds the highest number, so that the range is known."""
    random = np.random.default_rng(seed)
    events = [(random.permutation(n_parts)[:size] + 1).tolist() for _ in range(n_events)]
    if n_parts not in events[0]:
        events[0][0] = n_parts
    return [sorted(event) if ordered else event for event in events]


def day(date: np.datetime64, spelling: str) -> str:
    """A date, spelled with the fields of ``str.format``."""
    when = date.tolist()
    return spelling.format(
        y=when.year, m=when.month, d=when.day, yy=when.year % 100, mon=MONTHS[when.month - 1],
        mois=FRENCH[when.month - 1], wd=WEEKDAYS[when.weekday()],
    )  # fmt: skip


def lines(rows: list[list[object]], header: str | None = None, by: str = ",") -> str:
    return "".join(
        f"{line}\n" for line in ([] if header is None else [header]) + [by.join(map(str, row)) for row in rows]
    )


SIMPLE = draws()
SPELLINGS = {
    "2026-01-28": "{y}-{m:02}-{d:02}",
    "20260128": "{y}{m:02}{d:02}",
    "28.01.2026": "{d:02}.{m:02}.{y}",
    "28/1/2026": "{d}/{m}/{y}",
    "1/28/26": "{m}/{d}/{yy:02}",
    "01-28-2026": "{m:02}-{d:02}-{y}",
    "28-Jan-2026": "{d:02}-{mon}-{y}",
    "28-Jan-26": "{d:02}-{mon}-{yy:02}",
    "Wed 28 Jan 2026": "{wd} {d} {mon} {y}",
    "Wed, Jan 28, 2026": '"{wd}, {mon} {d}, {y}"',
    "28 janvier 2026": "{d} {mois} {y}",
    "2026/01/28": "{y}/{m:02}/{d:02}",
    "2026-01-28 00:00:00": "{y}-{m:02}-{d:02} 00:00:00",
    "2026-01-28T00:00:00.000": "{y}-{m:02}-{d:02}T00:00:00.000",
    "2026-01-28T00:00:00Z": "{y}-{m:02}-{d:02}T00:00:00Z",
    "2026-01-28 00:00:00+01:00": "{y}-{m:02}-{d:02} 00:00:00+01:00",
    "Jan 28th, 2026": '"{mon} {d}th, {y}"',
    "28th Jan 2026": "{d}th {mon} {y}",
}


def dated(spelling: str) -> Shape:
    rows = [[day(date, spelling), *event] for date, event in zip(DAYS, SIMPLE, strict=True)]
    return Shape(lines(rows, "Draw Date,N1,N2,N3,N4,N5"), SIMPLE)


def powerball_open_data() -> Shape:
    white, red = draws(5, 69, 2), draws(1, 26, 3)
    rows = [
        [day(date, "{m:02}/{d:02}/{y}"), " ".join(f"{n:02}" for n in event + ball), 2 + t % 4]
        for t, (date, event, ball) in enumerate(zip(DAYS, white, red, strict=True))
    ]
    return Shape(lines(rows[::-1], "Draw Date,Winning Numbers,Multiplier"), white, n_parts=69)


def texas_without_header() -> Shape:
    white, red = draws(5, 69, 4, ordered=False), draws(1, 26, 5)
    rows = [
        ["Powerball", *day(date, "{m},{d},{y}").split(","), *event, *ball, 2 + t % 3]
        for t, (date, event, ball) in enumerate(zip(DAYS, white, red, strict=True))
    ]
    return Shape(lines(rows), white, n_parts=69)


def euromillions() -> Shape:
    main, stars = draws(5, 50, 6), draws(2, 12, 7)
    rows = [
        [day(date, "{d:02}-{mon}-{y}"), *event, *pair, "TKWR96632", 1800 - t]
        for t, (date, event, pair) in enumerate(zip(DAYS[::-1], main[::-1], stars[::-1], strict=True))
    ]
    header = "DrawDate,Ball 1,Ball 2,Ball 3,Ball 4,Ball 5,Lucky Star 1,Lucky Star 2,UK Millionaire Maker,DrawNumber"
    return Shape(lines(rows, header), main, n_parts=50)


def euromillions_without_names() -> Shape:
    main, stars = draws(5, 50, 8), draws(2, 12, 9)
    rows = [[day(d, "{y}-{m:02}-{d:02}"), *event, *pair] for d, event, pair in zip(DAYS, main, stars, strict=True)]
    return Shape(lines(rows), main, n_parts=50)


def uk_lotto() -> Shape:
    drawn = draws(7, 59, 10, ordered=False)
    rows = [
        [
            3000 + t,
            day(date, "{wd}"),
            day(date, "{d:02}"),
            day(date, "{mon}"),
            date.tolist().year,
            *event,
            f'"£{t + 1},234,567"',
            t % 5,
            "Lancelot",
            7,
        ]
        for t, (date, event) in enumerate(zip(DAYS, drawn, strict=True))
    ]
    header = "No.,Day,DD,MMM,YYYY,N1,N2,N3,N4,N5,N6,BN,Jackpot,Wins,Machine,Set"
    return Shape(
        lines(rows[::-1], header),
        [sorted(event[:6]) for event in drawn],
        n_parts=max(max(event[:6]) for event in drawn),
    )


def keno() -> Shape:
    drawn = draws(20, 80, 11, ordered=False)
    rows = [
        [t + 1, day(date, "{d:02}.{m:02}.{y}"), *event] for t, (date, event) in enumerate(zip(DAYS, drawn, strict=True))
    ]
    return Shape(lines(rows, "Nr;Datum;" + ";".join(f"Z{i}" for i in range(1, 21)), by=";"), drawn, n_parts=80)


def plus_marks_the_bonus() -> Shape:
    drawn = draws(6, 45, 12)
    rows = [
        [day(date, "{d:02}/{m:02}/{y}"), "-".join(map(str, event[:5])) + f" + {event[5]}"]
        for date, event in zip(DAYS, drawn, strict=True)
    ]
    parts = [event[:5] for event in drawn]
    return Shape(lines(rows, "date\tresult", by="\t"), parts, name="published.tsv", n_parts=max(map(max, parts)))


def california_text() -> Shape:
    rows = [
        f"{11692 - t}       {day(date, '{wd}. {mon} {d:02}, {y}')}        " + "       ".join(f"{n:>2}" for n in event)
        for t, (date, event) in enumerate(zip(DAYS[::-1], SIMPLE[::-1], strict=True))
    ]
    head = ["FANTASY 5", "", "Draw Number  Draw Date  Number 1  Number 2  Number 3  Number 4  Number 5", "-" * 70]
    return Shape("\r\n".join([*head, *rows, "", ""]), SIMPLE, name="published.txt")


def jackpots_and_gaps() -> Shape:
    rows = [
        [t + 1, day(date, "{m}/{d}/{y}"), *map(float, event), f'"${t + 1},000,000.00"', ""]
        for t, (date, event) in enumerate(zip(DAYS, SIMPLE, strict=True))
    ]
    future = [N_EVENTS + 1, day(DAYS[-1] + 3, "{m}/{d}/{y}"), "", "", "", "", "", "", ""]
    return Shape(
        "Results of Take 5\n\n" + lines([*rows, future], "id,drawn,a1,a2,a3,a4,a5,jackpot,") + ",,,,,,,,\n\n", SIMPLE
    )


def pandas_index() -> Shape:
    rows = [
        [t, day(date, "{y}-{m:02}-{d:02}"), *event] for t, (date, event) in enumerate(zip(DAYS, SIMPLE, strict=True))
    ]
    return Shape(lines(rows, ",date,m_1,m_2,m_3,m_4,m_5"), SIMPLE)


def list_in_a_cell() -> Shape:
    rows = [[day(date, "{y}-{m:02}-{d:02}"), f'"{event}"'] for date, event in zip(DAYS, SIMPLE, strict=True)]
    return Shape(lines(rows, "date,numbers"), SIMPLE)


def times_of_day(spelling: str, header: str) -> Shape:
    moments = [DAYS[t // 2].astype("datetime64[m]") + (810, 1170)[t % 2] for t in range(N_EVENTS)]
    rows = [
        [spelling.format(d=day(m.astype("datetime64[D]"), "{m:02}/{d:02}/{y}"), c=str(m)[11:16]), *event]
        for m, event in zip(moments, SIMPLE, strict=True)
    ]
    return Shape(lines(rows[::-1], header), SIMPLE, dates=moments)


def numbered_draws() -> Shape:
    rows = [[t + 1000, *event] for t, event in enumerate(SIMPLE)]
    return Shape(
        lines(rows, "concurso;bola 1;bola 2;bola 3;bola 4;bola 5", by=";"),
        SIMPLE,
        dates=[t + 1000 for t in range(N_EVENTS)],
    )


def records(**options: object) -> list[dict[str, object]]:
    return [{"date": str(date), "numbers": event, **options} for date, event in zip(DAYS, SIMPLE, strict=True)]


def as_json(content: object) -> Shape:
    return Shape(json.dumps(content), SIMPLE, name="published.json")


def zipped(shape: Shape) -> Shape:
    text = shape.text.encode() if isinstance(shape.text, str) else shape.text
    return Shape(gzip.compress(text), shape.parts, f"{shape.name}.gz", shape.options, shape.dates, shape.n_parts)


def encoded(encoding: str) -> Shape:
    rows = [
        [day(date, "{y}-{m:02}-{d:02}"), *event, "Žižkov €" if encoding != "latin-1" else "Orléans"]
        for date, event in zip(DAYS, SIMPLE, strict=True)
    ]
    return Shape(lines(rows, "date,n1,n2,n3,n4,n5,où").encode(encoding), SIMPLE)


PLAIN = [[str(date), *event] for date, event in zip(DAYS, SIMPLE, strict=True)]
SHAPES: dict[str, Callable[[], Shape]] = {
    **{f"dates as {name}": (lambda spelling=spelling: dated(spelling)) for name, spelling in SPELLINGS.items()},
    **{
        f"delimited by {by!r}": (
            lambda by=by: Shape(lines(PLAIN, by.join(["date", "a", "b", "c", "d", "e"]), by), SIMPLE)
        )
        for by in ",;\t| "
    },
    **{
        f"numbers in one cell by {by!r}": (
            lambda by=by: Shape(
                lines([[row[0], by.join(map(str, row[1:]))] for row in PLAIN], "date;numbers", ";"), SIMPLE
            )
        )
        for by in (" ", "|", "-", ",", ", ", " - ")
    },
    "no header": lambda: Shape(lines(PLAIN), SIMPLE),
    "no header, numbers in one cell": lambda: Shape(
        lines([[row[0], " ".join(map(str, row[1:]))] for row in PLAIN]), SIMPLE
    ),
    "no header, spaces": lambda: Shape(lines(PLAIN, by=" "), SIMPLE, name="published.txt"),
    "newest first": lambda: Shape(lines(PLAIN[::-1], "date,a,b,c,d,e"), SIMPLE),
    "in no order": lambda: Shape(lines([PLAIN[t * 7 % N_EVENTS] for t in range(N_EVENTS)], "date,a,b,c,d,e"), SIMPLE),
    "delimiters at the end": lambda: Shape(lines([[*row, ""] for row in PLAIN], "date,a,b,c,d,e"), SIMPLE),
    "header again within": lambda: Shape(
        lines(PLAIN[:20], "date,a,b,c,d,e") + lines(PLAIN[20:], "date,a,b,c,d,e"), SIMPLE
    ),
    "a line below the table": lambda: Shape(lines(PLAIN, "date,a,b,c,d,e") + "All rights reserved.\n", SIMPLE),
    "numbers as names": lambda: Shape(lines(PLAIN, ",0,1,2,3,4"), SIMPLE, options=("--header",)),
    "zero-padded": lambda: Shape(
        lines([[row[0], *(f"{n:02}" for n in row[1:])] for row in PLAIN], "date,a,b,c,d,e"), SIMPLE
    ),
    "year, month and day": lambda: Shape(
        lines([[*row[0].split("-"), *row[1:]] for row in PLAIN], "year,month,day,a,b,c,d,e"), SIMPLE
    ),
    "US open data": powerball_open_data,
    "Texas": texas_without_header,
    "EuroMillions": euromillions,
    "EuroMillions without names": euromillions_without_names,
    "UK lotto": uk_lotto,
    "keno": keno,
    "plus before the bonus": plus_marks_the_bonus,
    "California": california_text,
    "jackpots and gaps": jackpots_and_gaps,
    "pandas with its index": pandas_index,
    "a list in a cell": list_in_a_cell,
    "times of day": lambda: times_of_day("{d} {c}", "date,a,b,c,d,e"),
    "times in a column": lambda: times_of_day("{d},{c}", "date,time,a,b,c,d,e"),
    "draw numbers without dates": numbered_draws,
    "JSON records with a list": lambda: as_json(records()),
    "JSON records with columns": lambda: as_json(
        [{"date": str(d), **{f"n{i}": n for i, n in enumerate(e)}} for d, e in zip(DAYS, SIMPLE, strict=True)]
    ),
    "JSON lists": lambda: as_json(PLAIN),
    "JSON lists below names": lambda: as_json([["date", "a", "b", "c", "d", "e"], *PLAIN]),
    "JSON envelope": lambda: as_json({"status": "ok", "results": {"draws": records(jackpot={"EUR": 17})}}),
    "JSON columns": lambda: as_json(
        {"date": [row[0] for row in PLAIN], **{f"n{i}": [row[i] for row in PLAIN] for i in range(1, 6)}}
    ),
    "JSON split": lambda: as_json(
        {"columns": ["date", "a", "b", "c", "d", "e"], "index": list(range(N_EVENTS)), "data": PLAIN}
    ),
    "JSON lines": lambda: Shape("\n".join(map(json.dumps, records())), SIMPLE, name="published.json"),
    "JSON nested": lambda: as_json(
        [
            {"draw": {"date": str(d)}, "result": {"main": e, "bonus": [1 + e[0] % 9]}}
            for d, e in zip(DAYS, SIMPLE, strict=True)
        ]
    ),
    "open-data portal": lambda: as_json(
        {
            "meta": {"view": {"columns": [{"name": "sid"}, {"name": "Draw Date"}, {"name": "Winning Numbers"}]}},
            "data": [
                [f"row-{t}", f"{d}T00:00:00", " ".join(map(str, e))]
                for t, (d, e) in enumerate(zip(DAYS, SIMPLE, strict=True))
            ],
        }
    ),
    **{
        f"in {encoding}": (lambda encoding=encoding: encoded(encoding))
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "latin-1", "cp1252")
    },
    "gz": lambda: zipped(powerball_open_data()),
    "JSON gz": lambda: zipped(as_json(records())),
    "old Mac line ends": lambda: Shape(lines(PLAIN, "date,a,b,c,d,e").replace("\n", "\r"), SIMPLE),
}


def monthly() -> Question:
    days = [
        np.datetime64("2000-01-05"),
        *(np.datetime64(f"20{y:02}-{m:02}-05") for y in range(5) for m in range(1, 13)),
    ][1:]
    rows = [[day(date, "{d:02}/{m:02}/{y}"), *event] for date, event in zip(days, SIMPLE, strict=True)]
    history = [(str(date), event) for date, event in zip(days, SIMPLE, strict=True)]
    words = "in column date has 2 readings.*--date-format %m/%d/%Y .* or --date-format %d/%m/%Y"
    return Question(
        Shape(lines(rows, "date,a,b,c,d,e"), SIMPLE),
        words.replace("'05/02", "'05/0."),
        ("--date-format", "%d/%m/%Y"),
        history,
    )


def twice_a_day(order: str, *, indexed: bool = False) -> Question:
    days = [DAYS[t // 2] for t in range(N_EVENTS)]
    rows = [[day(date, "{m}/{d}/{y}"), *event] for date, event in zip(days, SIMPLE, strict=True)]
    rows = rows[::-1] if order == "newest-first" else rows
    history = [(f"{date},{1 + t % 2}", event) for t, (date, event) in enumerate(zip(days, SIMPLE, strict=True))]
    words = r"rows 2 and 3 both are of .* \(30 dates stand more than once\).*--key COL.*--key row"
    header = "date,a,b,c,d,e"
    if indexed:
        rows, header = [[t, *row] for t, row in enumerate(rows)], f",{header}"
    return Question(Shape(lines(rows, header), SIMPLE), words, ("--key", "row"), history)


def two_draws_in_a_row() -> Question:
    midday, evening = (draws(5, 39, seed) for seed in (20, 21))
    rows = [
        [str(d), " ".join(map(str, a)), " ".join(map(str, b))] for d, a, b in zip(DAYS, midday, evening, strict=True)
    ]
    history = [(str(date), event) for date, event in zip(DAYS, evening, strict=True)]
    shape = Shape(lines(rows, "date,Midday Winning Numbers,Evening Winning Numbers"), evening)
    return Question(
        shape,
        "2 columns hold 5 numbers in a cell. Say --numbers 'Midday.*or --numbers 'Evening",
        ("--numbers", "Evening Winning Numbers"),
        history,
    )


def no_dates() -> Question:
    shape = Shape(lines(SIMPLE, "a,b,c,d,e"), SIMPLE)
    history = [(str(t + 1), event) for t, event in enumerate(SIMPLE)]
    return Question(
        shape, "No column holds dates.*--key row with --order", ("--key", "row", "--order", "oldest-first"), history
    )


def first_row_in_doubt() -> Question:
    rows = [["date", "7", *row[2:]] if t == 0 else row for t, row in enumerate([PLAIN[0], *PLAIN])]
    history = [(row[0], row[1:]) for row in PLAIN]
    return Question(
        Shape(lines(rows), SIMPLE),
        "Row 1 .* must be a header or an event, but holds 'date' among numbers.*--header",
        ("--header",),
        history,
    )


QUESTIONS: dict[str, Callable[[], Question]] = {
    "day or month first": monthly,
    "twice a day": lambda: twice_a_day("oldest-first"),
    "twice a day, newest first": lambda: twice_a_day("newest-first"),
    "twice a day, newest first, with an index": lambda: twice_a_day("newest-first", indexed=True),
    "two draws in a row": two_draws_in_a_row,
    "no dates": no_dates,
    "first row in doubt": first_row_in_doubt,
}
