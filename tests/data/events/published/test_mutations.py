"""Files that are broken at random are imported or refused; nothing else happens to them."""

import random
import signal
import tracemalloc
from collections.abc import Callable
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import pytest

from c5snn.cli import main
from tests.data.events.published.habits import HABITS
from tests.data.events.published.shapes import QUESTIONS, SHAPES

SECONDS, MEGABYTES = 10, 500
PIECES = [
    '"',
    ",",
    ";",
    "\t",
    "|",
    "\n",
    "\r\n",
    "\0",
    "-",
    "/",
    " ",
    "x",
    "0",
    "99",
    "é",
    "\ufeff",
    "\u0663",
    "NaN",
    "{",
    "]",
    "%",
    "1e9",
]


def replace_piece(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(PIECES) + text[place + chance.randrange(3) :]


def cut(text: str, chance: random.Random) -> str:
    first, last = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    return text[:first] + text[last:] if chance.random() < 0.5 else text[:last]


def move_lines(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True)
    first, last = sorted(chance.randrange(len(lines) + 1) for _ in range(2))
    block = lines[first:last]
    kind = chance.randrange(4)
    if kind == 0:
        chance.shuffle(block)
    return "".join(lines[:first] + [block, block * 2, block[::-1], []][kind] + lines[last:])


def replace_everywhere(text: str, chance: random.Random) -> str:
    return text.replace(chance.choice([",", "\n", "2", "0", "/", "-", ":", " "]), chance.choice(PIECES))


def drop_a_cell(text: str, chance: random.Random) -> str:
    lines = text.split("\n")
    row = chance.randrange(len(lines))
    cells = lines[row].split(",")
    cells.pop(chance.randrange(len(cells)))
    return "\n".join([*lines[:row], ",".join(cells), *lines[row + 1 :]])


def lengthen(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) + 1)
    return text[:place] + chance.choice(PIECES) * chance.choice([10, 1_000, 100_000]) + text[place:]


MUTATIONS: list[Callable[[str, random.Random], str]] = [
    replace_piece, replace_piece, cut, move_lines, replace_everywhere, drop_a_cell, lengthen,
]  # fmt: skip


def mutated(seed: int) -> tuple[str, bytes]:
    """A published shape after one to four mutations, and its name."""
    chance = random.Random(seed)  # noqa: S311
    shapes = [
        *SHAPES.values(),
        *HABITS.values(),
        *(lambda question=question: question().shape for question in QUESTIONS.values()),
    ]
    shape = chance.choice(shapes)()
    if isinstance(shape.text, bytes):
        content = bytearray(shape.text)
        for _ in range(chance.randrange(1, 5)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        return shape.name, bytes(content)
    text = shape.text
    for _ in range(chance.randrange(1, 5)):
        text = chance.choice(MUTATIONS)(text or " ", chance)
    return shape.name, text.encode(chance.choice(["utf-8", "utf-8", "utf-8", "latin-1"]), errors="replace")


@contextmanager
def limited():
    """Raise when the block takes more time or memory than a command may."""

    def ends(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGPROF, ends)
    signal.setitimer(signal.ITIMER_PROF, SECONDS)  # time of this process: other programs do not count
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < MEGABYTES * 2**20
    finally:
        tracemalloc.stop()
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def is_imported_or_refused(
    folder: Path, seed: int, limits: Callable[[], AbstractContextManager[None]] = nullcontext
) -> bool:
    name, content = mutated(seed)
    source, target = folder / name, folder / f"history_{seed}.csv"
    source.write_bytes(content)
    commands = [["import", str(source), str(target)], ["validate", str(source)]]
    commands.append(["import", str(source), str(target), "--force", "--layout", "long", "--bin", "1d"])
    codes = []
    for command in commands:
        with limits():
            codes.append(main(["data", *command]))
    if codes[0] == 0 and codes[2] == 2:  # what was written is valid
        codes.append(main(["data", "convert", str(target), str(folder / "copy.csv"), "--force", *shape_of(target)]))
    return set(codes) <= {0, 2} and (len(codes) == 3 or codes[3] == 0)


def shape_of(path: Path) -> list[str]:
    header, *rows = path.read_text().splitlines()
    n_keys = sum(not name.startswith("m_") for name in header.split(","))
    highest = max(int(number) for row in rows for number in row.split(",")[n_keys:])
    return ["--n-parts", str(highest), "--n-active", str(len(header.split(",")) - n_keys)]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(25))
def test_a_broken_file_is_imported_or_refused(tmp_path, seed):
    assert is_imported_or_refused(tmp_path, seed)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_five_hundred_broken_files_are_imported_or_refused_within_the_limits_of_a_command(tmp_path):
    for seed in range(1_000, 1_500):
        assert is_imported_or_refused(tmp_path, seed, limited), seed
