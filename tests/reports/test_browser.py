"""The page in a real browser, at four widths in one start: nothing overflows, is cut or leaves, and tables sort."""

import html
import json
import re
import shutil
import subprocess

import pytest

from c5snn.reports.collection import Collection, Failure
from c5snn.reports.document import Section, Table
from c5snn.reports.page import to_html
from c5snn.reports.report import document_of, make_report
from tests.reports.test_over_time import DETAILS

pytestmark = pytest.mark.browser

WIDTHS = (390, 768, 1280, 1920)
NAMES = ("chromium", "chromium-browser", "google-chrome")
# a table whose order as text, as numbers and as shares differs; – is no value
NUMBERS = Table(
    ["name", "number", "share", "time"],
    [["b", "1,000", "9 of 10", "1 min 5 s"], ["a", "−2.5", "1 of 1,000", "9.0 s"], ["c", "–", "5 of 7", "1 h 0 min"],
     ["d", "< 0.0001", "10 of 11", "0.5 s"]],
)  # fmt: skip

# a frame of this width holds the page under its own policy; the page around it looks into it
HARNESS = """<!doctype html><meta charset="utf-8"><body style="margin:0">{frames}<pre id="found"></pre><script>
const outside = (frame) => {{
  const page = frame.contentDocument, width = frame.contentWindow.innerWidth, found = [];
  for (const element of page.querySelectorAll("body *")) {{
    const box = element.getBoundingClientRect();
    if (element.closest(".table > *, svg, .anchor") || !box.width) continue;
    const is_out = box.right > width + 0.5 || box.left < -0.5;
    if (is_out) found.push(element.tagName + " " + element.textContent.slice(0, 40));
  }}
  return found;
}};
const cut = (page) => {{
  const found = [];
  for (const text of page.querySelectorAll("svg text")) {{
    const box = text.getBoundingClientRect(), around = text.closest("svg").getBoundingClientRect();
    const is_in = box.left > around.left - 3 && box.right < around.right + 3 && box.top > around.top - 3;
    if (box.width && !(is_in && box.bottom < around.bottom + 3)) found.push(text.textContent);
  }}
  return found;
}};
const column = (table, i) => [...table.tBodies[0].rows].map((row) => row.cells[i].textContent).join("|");
const orders = (page) => {{
  const table = [...page.querySelectorAll("table")].find((one) => one.tHead.textContent.startsWith("namenumber"));
  const seen = {{}};
  for (const head of table.querySelectorAll("th[data-column]")) {{
    const steps = [], button = head.querySelector("button");
    for (let click = 0; click < 3; click++) {{
      button.click();
      steps.push([head.getAttribute("aria-sort"), column(table, 0)]);
    }}
    seen[button.textContent] = {{ steps, focusable: button.tabIndex === 0 }};
  }}
  return seen;
}};
const stays = (page) => {{
  const box = [...page.querySelectorAll(".table")].find((one) => one.scrollWidth > one.clientWidth + 60);
  if (!box) return null;
  const before = box.querySelector("tbody th").getBoundingClientRect().left;
  box.scrollLeft = 60;
  const after = box.querySelector("tbody th").getBoundingClientRect().left;
  const last = box.querySelector("tbody tr > :last-child");
  box.scrollLeft = 1e6;
  const end = box.getBoundingClientRect().right - last.getBoundingClientRect().right;
  return {{ moved: after - before, end }};
}};
const foreign = (frame) => {{
  const script = frame.contentDocument.createElement("script");
  script.textContent = "window.acted = true";
  frame.contentDocument.body.append(script);
  return frame.contentWindow.acted === true;
}};
window.onload = () => {{
  const found = {{}};
  for (const frame of document.querySelectorAll("iframe")) {{
    const page = frame.contentDocument;
    found[frame.width] = {{
      overflow: page.documentElement.scrollWidth - frame.contentWindow.innerWidth,
      outside: outside(frame),
      cut: cut(page),
      stays: stays(page),
      lost: [...page.querySelectorAll("a[href^='#']")].filter((a) => !page.getElementById(a.hash.slice(1))).length,
      anchors: page.querySelectorAll("a[href^='#']").length,
      requests: frame.contentWindow.performance.getEntriesByType("resource").map((entry) => entry.name),
      foreign: foreign(frame),
      sorted: orders(page),
    }};
  }}
  document.getElementById("found").textContent = JSON.stringify(found);
}};
</script>"""


@pytest.fixture(scope="module")
def page(make_module_run, rankings_of, network):
    """A page with everything that is wide: long labels, many configurations, references, figures, commands."""
    runs = [
        make_module_run(
            f"{model}_{i}", model=model, arguments={"hidden_size": i, "a_rather_long_option": 0.123456789},
            rankings=rankings_of(i) if i < 3 else None, curve=(0.5, 0.52), activity=network(0.3, 0.0), oracle=0.8,
            details=DETAILS,
        )
        for model in ("spiking_transformer", "gru")
        for i in range(4)
    ]  # fmt: skip
    document = document_of(make_report(Collection(runs, [Failure("x" * 200, "oom", "no memory")], {}, {}), n_draws=50))
    document.sections.append(Section("To sort", tables=[NUMBERS]))
    return to_html(document)


@pytest.fixture(scope="module")
def seen(page, tmp_path_factory):
    """What a browser finds at each width."""
    browser = next(filter(None, map(shutil.which, NAMES)), None)
    if browser is None:
        pytest.skip(f"no browser is installed ({', '.join(NAMES)})")
    folder = tmp_path_factory.mktemp("browser")
    frames = "".join(
        f'<iframe width="{width}" height="900" style="border:0" srcdoc="{html.escape(page)}"></iframe>'
        for width in WIDTHS
    )
    (folder / "harness.html").write_text(HARNESS.format(frames=frames), encoding="utf-8")
    words = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder / 'profile'}", "--dump-dom"]
    dumped = subprocess.run(  # a browser that was found by its name
        [browser, *words, (folder / "harness.html").as_uri()], capture_output=True, text=True, timeout=240, check=True
    ).stdout
    (found,) = re.findall(r'<pre id="found">(.*?)</pre>', dumped, re.DOTALL)
    return {int(width): entry for width, entry in json.loads(html.unescape(found)).items()}


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_the_page_never_overflows(seen, width):
    assert seen[width]["overflow"] <= 0
    assert seen[width]["outside"] == []


@pytest.mark.parametrize("width", WIDTHS)
def test_no_text_of_a_figure_is_cut(seen, width):
    assert seen[width]["cut"] == []


@pytest.mark.parametrize("width", WIDTHS[:3])
def test_a_wide_table_scrolls_to_its_end_beside_its_first_column(seen, width):
    assert seen[width]["stays"]["moved"] == pytest.approx(0, abs=1)
    assert seen[width]["stays"]["end"] > 0


@pytest.mark.parametrize("width", WIDTHS)
def test_every_anchor_leads_to_a_section(seen, width):
    assert seen[width]["anchors"] > 20
    assert seen[width]["lost"] == 0


def test_no_request_leaves_the_page_and_no_foreign_script_acts(seen):
    assert [entry["requests"] for entry in seen.values()] == [[]] * len(WIDTHS)
    assert not any(entry["foreign"] for entry in seen.values())


@pytest.mark.parametrize(
    ("name", "ascending", "descending"),
    [
        ("name", "a|b|c|d", "d|c|b|a"),
        ("number", "a|d|b|c", "b|d|a|c"),
        ("share", "a|c|b|d", "d|b|c|a"),
        ("time", "d|a|b|c", "c|b|a|d"),
    ],
)
def test_a_click_sorts_up_then_down_then_back(seen, name, ascending, descending):
    for entry in seen.values():
        steps = [["ascending", ascending], ["descending", descending], [None, "b|a|c|d"]]
        assert entry["sorted"][name] == {"steps": steps, "focusable": True}
