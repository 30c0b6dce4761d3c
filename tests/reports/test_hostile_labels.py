"""Labels that try to be something else: they stay text in the terminal, in HTML, Markdown, SVG and JSON."""

import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from c5snn.printable import printable
from c5snn.reports.collection import Collection
from c5snn.reports.document import Document, Drawing, Section, Table
from c5snn.reports.figures.canvas import new_rows, styled, svg
from c5snn.reports.output import _content
from c5snn.reports.page import to_html
from c5snn.reports.report import document_of, make_report
from c5snn.reports.text import print_document, to_markdown

HOSTILE = {
    "a group of a pattern": r"\g<1>\1",
    "a backslash at the end": "name\\",
    "an ANSI escape": "\x1b[31mred\x1b[0m",
    "a terminal's title": "\x1b]0;title\x07",
    "a C1 control": "\x9b31m",
    "a carriage return": "right\rwrong",
    "a line of its own": "name\nAll models learn.",
    "half a surrogate pair": "a\ud800b",
    "a text turned round": "a\u202edcba",
    "an isolate": "\u2066a\u2069",
    "a zero width space": "a\u200bb",
    "markup of rich": "[bold red]a[/] [link=http://x.example]b[/link]",
    "an emoji code": ":warning:",
    "mathematics": "$x^2$ $\\frac{1}{2}$",
    "a tag": "<script>alert(1)</script>",
    "an entity": "&lt;b&gt;",
    "a quote": "\" onload=\"alert(1)' x='",
    "a cell": "a | b",
    "emphasis": "*a* _b_ ~~c~~ `d`",
    "a heading": "# a",
    "a list": "1. a",
    "a picture": "![a](http://x.example/a.png)",
    "an address": "http://x.example/ www.example.com",
    "a colour of the palette": "#1c2024 'DejaVu Sans'",
    "a null": "a\x00b",
    "a script that the font lacks": "漢字 עברית",
}
ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff]")


@pytest.fixture(params=HOSTILE.values(), ids=HOSTILE)
def label(request):
    return request.param


@styled
def draw(label, width):
    return new_rows([label], [label], width, label)[0]


@pytest.fixture
def document(label):
    """A document in which everything that data can name is this label."""
    table = Table([label, label], [[label, label]])
    drawing = Drawing(label, lambda width: draw(label, width))
    section = Section(label, 2, [label], drawing, [table], label, is_short=True)
    return Document(label, [label], [section])


def texts(page):
    return [text for element in ET.fromstring(page).iter() for text in [element.text, element.tail] if text]  # noqa: S314


def test_the_terminal_shows_it(document, label, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stdout", stream)
    print_document(document)
    assert not ACTING.search(stream.getvalue())
    assert printable(label).replace("\n", "\\n") in stream.getvalue()
    assert not [line for line in stream.getvalue().splitlines() if line.startswith("All models")]


def test_a_coloured_terminal_gets_no_code_of_its_own_from_it(label):
    from c5snn.reports.text import shown

    stream = io.StringIO()
    console = Console(file=stream, force_terminal=True, color_system="standard", soft_wrap=True, highlight=False)
    console.print(shown(label))
    assert "\x1b" not in stream.getvalue()


def test_a_page_shows_it(document, label):
    page = to_html(document)
    assert not ACTING.search(page)
    body = re.sub(
        r"<svg.*?</svg>", "", page[page.index("<main>") : page.index("</main>") + len("</main>")], flags=re.DOTALL
    )
    assert texts(body).count(printable(label)) >= 7
    assert "script" not in [element.tag for element in ET.fromstring(body).iter()]  # noqa: S314


def test_a_figure_shows_it(label):
    picture = svg(draw(label, 720), label, "salt")
    assert not ACTING.search(picture)
    root = ET.fromstring(picture.replace("xlink:", ""))  # noqa: S314
    assert root.get("aria-label").split() == printable(label).split()
    shown = "".join(root.itertext())
    assert all(word in shown for word in printable(label).split())


def test_markdown_shows_it(document, label):
    text = to_markdown(document)
    assert not ACTING.search(text)
    assert unescaped(text.splitlines()[0]) == " ".join(printable(label).split())
    (head, rule, row) = [line for line in text.splitlines() if line.startswith("|")]
    assert len({len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in (head, rule, row)}) == 1
    plain = re.sub(r"\\(?:[^\w\s]|_)", "", text.splitlines()[0])  # what is left when all that is escaped is taken away
    assert not re.search(r"[*`\[|$]|<[A-Za-z/!?]|~~|^#+ |^\d+[.)] |\b_|_\b|&\w+;|http:|www\.", plain)


def unescaped(text):
    return re.sub(r"\\([^\w\s]|_)", r"\1", text)


def test_json_gives_it_back(label, make_run, rankings_of):
    runs = [make_run("a", model=label, arguments={"name": label}, rankings=rankings_of(), data={"source": label})]
    report = make_report(Collection(runs, [], {}, {}), n_draws=20)
    text = _content(report, document_of(report), Path("a.json"), None)
    assert not ACTING.search(text)
    (entry,) = json.loads(text)["comparisons"][0]["configurations"]
    assert entry["options"]["model.name"] == label
    assert text.encode()


@pytest.mark.slow
def test_every_form_of_a_report_takes_it(label, make_run, rankings_of, network):
    runs = [
        make_run(f"run_{i}", model=label, arguments={label: i}, rankings=rankings_of(i), curve=(0.5, 0.6), device=label,
                 data={"source": label}, class_path=f"x.{label}", activity=network(0.3))
        for i in range(2)
    ]  # fmt: skip
    report = make_report(Collection(runs, [], {}, {}), n_draws=20)
    for suffix in (".html", ".md", ".json", ".svg"):
        text = _content(report, document_of(report), Path(f"a{suffix}"), None)
        assert text.encode()
        assert not ACTING.search(text)
