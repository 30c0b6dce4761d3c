"""The page, the Markdown and the JSON of a report: whole, self-contained, and safe from what data says."""

import base64
import hashlib
import html
import json
import math
import re
from html.parser import HTMLParser
from urllib.parse import unquote

import pytest

from c5snn.reports.collection import Collection, Failure
from c5snn.reports.output import to_json
from c5snn.reports.page import to_html
from c5snn.reports.report import document_of, make_report
from c5snn.reports.text import to_markdown

VOID = {"meta", "link", "br", "hr", "img", "input"}
HOSTILE = '<img src="http://x.example/a.png" onerror="alert(1)">|`*[a](http://x.example)'


class Page(HTMLParser):
    """Checks that every tag that opens also closes, and keeps what a browser would fetch."""

    def __init__(self, text):
        super().__init__()
        self.open, self.fetched, self.tags, self.headings = [], [], [], []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.fetched += [
            value for name, value in attrs if name in {"src", "href", "xlink:href", "srcset"} and value[0] != "#"
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"h2", "h3"}:
            self.headings.append(data)


@pytest.fixture(scope="module")
def report(make_module_run, rankings_of, network):
    """Everything that a report can hold but a ladder: two histories, a screened run, curves, networks, a failure."""
    runs = [
        make_module_run("a", seed=1, rankings=rankings_of(1), curve=(0.5, 0.52), activity=network(0.3), oracle=0.8),
        make_module_run("b", seed=2, rankings=rankings_of(2), curve=(0.5, 0.51), activity=network(0.0), oracle=0.8),
        make_module_run("c", arguments={"hidden_size": 8}, rankings=rankings_of(3, 0.5), oracle=0.8),
        make_module_run("d", arguments={"hidden_size": 8, "skip": True}, val={}),
        make_module_run("e", rankings=rankings_of(4, 0.5), oracle=0.9, data={
            "identity": "b" * 64, "source": "draws.csv"}),
    ]  # fmt: skip
    return make_report(Collection(runs, [Failure("x", "oom", "no memory")], {}, {}), n_draws=200)


@pytest.fixture(scope="module")
def page(report):
    """The page of that report."""
    return to_html(document_of(report))


@pytest.fixture
def hostile(make_run, rankings_of):
    """A report whose every name from outside tries to be markup."""
    runs = [
        make_run(f"run_{i}", model=HOSTILE, arguments={HOSTILE: i}, rankings=rankings_of(i), curve=(0.5, 0.6),
                 data={"source": HOSTILE}, class_path=HOSTILE, device=HOSTILE)
        for i in range(2)
    ]  # fmt: skip
    return make_report(Collection(runs, [Failure(HOSTILE, "oom", HOSTILE)], {HOSTILE: 1}, {}), n_draws=50)


def test_the_page_parses_and_fetches_nothing(page):
    read = Page(page)
    assert read.open == []
    assert read.fetched == []
    assert not re.findall(r"url\((?!#)|@import|<script .|<link|<iframe", page)
    assert read.tags.count("script") == 1


def test_the_policy_of_a_page_allows_its_own_script_alone_and_no_network(page):
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]+)"', page)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    rules = dict(rule.strip().split(" ", 1) for rule in html.unescape(policy).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == f"'sha256-{digest}'"
    assert set(rules) <= {"default-src", "script-src", "style-src", "base-uri", "form-action"}


def test_the_contents_lead_to_every_section(page):
    contents = re.findall(r"<nav.*?</nav>", page, re.DOTALL)[0]
    headings = re.findall(r'<h[23] id="([^"]+)"', page)
    assert re.findall(r'href="#([^"]+)"', contents) == headings
    assert len(set(headings)) == len(headings) > 10


def test_a_page_links_to_each_run_from_where_it_lies(report, tmp_path):
    page = to_html(document_of(report), tmp_path)
    links = re.findall(r'href="([^"#]+)"', page)
    assert [(tmp_path / unquote(link)).resolve() for link in links] == [place.folder for place in report.runs]
    assert len(links) == 5


def test_each_run_names_the_command_that_trains_it_again(report, page):
    for place in report.runs:
        assert place.command == f"c5snn fit --config {place.folder}/config.yaml"
        assert f"<code>{place.command}</code>" in page


def test_the_title_names_runs_data_and_day(page):
    (title,) = re.findall(r"<title>(.*)</title>", page[: page.index("<body>")])
    assert re.fullmatch(r"runs\d*/a, .* and 2 more on a planted history and draws.csv, \d{4}-\d\d-\d\d", title)


def test_neighbouring_columns_share_a_heading(page):
    head = re.findall(r"<thead>.*?</thead>", page, re.DOTALL)[0]
    spans = [int(n) for n in re.findall(r'colspan="(\d+)"', head)]
    columns = re.findall(r'data-column="(\d+)"', head)
    assert sorted(map(int, columns)) == list(range(len(columns)))
    assert sum(spans) == len(columns) - 1
    assert re.findall(r">([^<]+)</th>", head.split("</tr>")[0]) == [
        "configuration", "on test", "against the popularity baseline"
    ]  # fmt: skip


def test_the_verdict_stands_before_everything_else(report, page):
    body = page[page.index("<body>") :]
    assert body.index(report.verdict[0].split(":")[0]) < body.index("<h2")


def test_the_sections_stand_in_their_order(report, page):
    headings = Page(page).headings
    first = headings[: headings.index(report.comparisons[1].title)]
    assert first == [
        report.comparisons[0].title, "Leaderboard", "Against chance", "Against each other", "Seeds and sampling",
        "Smallest detectable lift", "Screening", "Learning curves", "Effect of each option",
        "Firing rates and use of the input",
    ]  # fmt: skip
    assert headings[-5:] == ["Runs", "Environment", "Data", "Warnings", "How to read this"]


def test_every_figure_is_drawn_for_wide_and_for_narrow_pages(page):
    assert page.count('<div class="wide">') == page.count('<div class="narrow">') == page.count("<figure>") > 0


def test_no_two_figures_share_a_name_inside(page):
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names)) > 0


def test_the_same_runs_make_the_same_page(report, page):
    assert to_html(document_of(report)) == page


def test_hostile_names_stay_text_on_the_page(hostile):
    page = Page(to_html(document_of(hostile)))
    assert page.fetched == []
    assert "img" not in page.tags


def test_hostile_names_stay_text_in_markdown(hostile):
    text = to_markdown(document_of(hostile))
    assert not re.search(r"(?<!\\)<img", text)
    assert not re.search(r"(?<!\\)\[a\]", text)
    for table in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in table.splitlines()}) == 1


def test_the_markdown_begins_with_the_verdict(report):
    assert to_markdown(document_of(report)).splitlines()[0] == report.verdict[0]


def test_json_gives_back_every_number(report):
    text = json.dumps(to_json(report), allow_nan=False)
    found = json.loads(text)
    for comparison, read in zip(report.comparisons, found["comparisons"], strict=True):
        assert read["chance_band"] == list(comparison.chance_band)
        assert read["power"] == vars(comparison.power)
        for entry, line in zip(comparison.configurations, read["configurations"], strict=True):
            assert (line["label"], line["p_value"], line["p_family"]) == (entry.label, entry.p_value, entry.p_family)
            assert line["test"] == {name: vars(value) for name, value in entry.test.items()}
            assert [run["folder"] for run in line["runs"]] == [str(run.folder) for run in entry.runs]
            assert line["options"]["model.hidden_size"] == entry.runs[0].arguments["hidden_size"]
    assert found["verdict"] == report.verdict
    assert found["warnings"] == report.warnings


def test_json_says_none_where_nothing_was_measured(report):
    (screened,) = to_json(report)["comparisons"][0]["screened"]
    assert screened["val"]["mean"] is None
    assert math.isnan(report.comparisons[0].screened[0].val.mean)


def test_validation_never_stands_beside_a_p(report):
    for section in document_of(report).sections:
        for table in section.tables:
            shown = " ".join(table.columns)
            assert not ("validation" in shown and re.search(r"\bp\b|interval", shown))


def test_an_option_of_very_many_values_is_left_to_the_json(make_run):
    runs = [make_run(f"run_{i}", arguments={"hidden_size": i // 2, "beta": i % 2}) for i in range(52)]
    report = make_report(Collection(runs, [], {}, {}), n_draws=50)
    (section,) = [section for section in document_of(report).sections if section.title == "Effect of each option"]
    assert "More than 24 values, in the JSON only: model.hidden_size" in section.sentences[0]
    assert [row[0] for row in section.tables[0].rows] == ["gru beta=0", "gru beta=1"]
    assert len(to_json(report)["comparisons"][0]["effects"][0]["val"]) == 26


def test_runs_without_validation_make_a_whole_report(make_run, rankings_of):
    runs = [make_run(f"run_{i}", arguments={"beta": i}, val={}, rankings=rankings_of(i)) for i in range(2)]
    report = make_report(Collection(runs, [], {}, {}), n_draws=50)
    assert "on validation" not in to_markdown(document_of(report)).split("###")[1].split("Ordered by")[0]
    assert Page(to_html(document_of(report))).open == []
