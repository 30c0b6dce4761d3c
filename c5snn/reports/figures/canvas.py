"""The canvas of a report's figures: colours that follow the page, styled axes, rows of values, and SVG.

A figure is drawn in the light colours, without matplotlib's global state, and written as SVG in the page's variables.
"""

import html
import io
import re
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec

from c5snn.printable import printable

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "ACCENT",
    "BAND",
    "CHARACTER",
    "INK",
    "MOST_ROWS",
    "MUTED",
    "PAGE",
    "PALETTE",
    "PX",
    "RULE",
    "TEXT",
    "WARNING",
    "Shade",
    "css",
    "decorate",
    "draw_line",
    "name_axes",
    "new_figure",
    "new_rows",
    "png",
    "shorten",
    "style_axes",
    "styled",
    "svg",
    "tell",
]

P = ParamSpec("P")

# a figure's unit is the point, 1/72 inch; on the page a point becomes a pixel
PX = 1 / 72
TEXT = 12.5
CHARACTER = 6.9  # width of a character of the text, in pixels, as measured on the default font

STYLE: dict[Any, Any] = {  # matplotlib types its keys as literals
    "font.family": "DejaVu Sans",
    "font.size": TEXT,
    "axes.titlesize": TEXT,
    "svg.fonttype": "none",  # text stays text: it can be searched, read aloud, and takes the page's font
    "text.parse_math": False,  # a label may hold a dollar sign
    "axes.unicode_minus": True,
    "path.simplify": True,
}

# the name of a mark that says something when a pointer rests on it, and of one that only guides the eye
TELLS, DECORATION = "tells-", "decoration"

MOST_ROWS = 40
ROW, LINE, TOP, BOTTOM, SIDE = 46, 17, 4, 50, 10  # pixels
ABOVE = 16  # pixels from a row's values up to the last line of its text


class Shade(NamedTuple):
    """One colour on a light and on a dark page."""

    light: str
    dark: str


# blue and orange stay apart for every kind of colour blindness; text colours have a contrast of 4.5 and more
PALETTE = {
    "page": Shade("#ffffff", "#14171a"),
    "panel": Shade("#f6f7f9", "#1c2126"),
    "ink": Shade("#1c2024", "#e8eaed"),
    "muted": Shade("#5b636b", "#a3abb3"),
    "rule": Shade("#d5dae0", "#373e46"),
    "band": Shade("#e6ebf2", "#262e38"),
    "accent": Shade("#0b62b0", "#6cb6f5"),
    "warning": Shade("#b34700", "#f5a35c"),
}

INK, MUTED, RULE = PALETTE["ink"].light, PALETTE["muted"].light, PALETTE["rule"].light
BAND, ACCENT, WARNING = PALETTE["band"].light, PALETTE["accent"].light, PALETTE["warning"].light
PAGE = PALETTE["page"].light


def css() -> str:
    """Return the palette as variables of a style sheet, those of the dark page where it is dark."""
    light, dark = ("\n".join(f"  --{name}: {shade[i]};" for name, shade in PALETTE.items()) for i in range(2))
    return f":root {{\n{light}\n}}\n@media (prefers-color-scheme: dark) {{\n:root {{\n{dark}\n}}\n}}"


def styled(draw: "Callable[P, Figure]") -> "Callable[P, Figure]":
    """Return the drawing function with the style of a page's figures; matplotlib reads it when a text is made."""

    @wraps(draw)
    def draw_styled(*args: P.args, **kwargs: P.kwargs) -> "Figure":
        from matplotlib import rc_context

        with rc_context(STYLE):
            return draw(*args, **kwargs)

    return draw_styled


def new_figure(width: int, height: int) -> "Figure":
    """Return an empty figure.

    Args:
        width: Width in pixels.
        height: Height in pixels.
    """
    from matplotlib.figure import Figure

    return Figure(figsize=(width * PX, height * PX), facecolor="none")


def style_axes(axes: "Axes", *, keep: Iterable[str] = ("bottom",)) -> None:
    """Give axes their quiet look.

    Args:
        axes: The axes.
        keep: The sides that keep their line.
    """
    axes.set_facecolor("none")
    for side, spine in axes.spines.items():
        spine.set_visible(side in keep)
        spine.set_color(RULE)
    axes.tick_params(colors=MUTED, labelcolor=MUTED, length=3, labelsize=TEXT - 1)
    axes.xaxis.label.set_color(MUTED)
    axes.xaxis.label.set_fontsize(TEXT - 1)


def name_axes(axes: "Axes", x: str, y: str, height: int) -> None:
    """Give both axes their titles.

    Args:
        axes: The axes.
        x: What the horizontal one shows, with its unit.
        y: What the vertical one shows, with its unit; cut to the height.
        height: Height of the axes in pixels.
    """
    axes.set_xlabel(x, color=MUTED, fontsize=TEXT - 1, labelpad=2)
    axes.set_ylabel(shorten(y, height + 20), color=MUTED, fontsize=TEXT - 1, labelpad=3)


def tell(marks: "Iterable[Artist] | Artist", says: str) -> None:
    """Let marks say their values where a pointer rests on them.

    Args:
        marks: One mark, or several that say the same.
        says: What they say.
    """
    from matplotlib.artist import Artist

    for mark in [marks] if isinstance(marks, Artist) else marks:
        mark.set_gid(TELLS + printable(says).encode("utf-8", "surrogatepass").hex())


def decorate(marks: "Iterable[Artist] | Artist") -> None:
    """Mark what only guides the eye and has no value to say."""
    from matplotlib.artist import Artist

    for mark in [marks] if isinstance(marks, Artist) else marks:
        mark.set_gid(DECORATION)


def shorten(text: str, width: int) -> str:
    """Return the text cut in its middle to fit a width in pixels.

    >>> shorten("hidden_size=128", 59)
    'hid…128'
    """
    most = max(5, int(width / CHARACTER))
    if len(text) <= most:
        return text
    head = (most - 1) // 2
    return f"{text[:head]}…{text[len(text) - head :]}"


def svg(figure: "Figure", says: str, salt: str) -> str:
    """Return a figure as SVG to stand inside HTML.

    Args:
        figure: The figure.
        says: What it shows, for those who do not see it.
        salt: Keeps its inner names apart from those of other figures on the page.
    """
    from matplotlib import rc_context
    from matplotlib.text import Text

    for text in figure.findobj(Text):
        text.set_text(printable(text.get_text()))
    file = io.StringIO()
    with rc_context({**STYLE, "svg.hashsalt": salt}), warnings.catch_warnings():
        # the page's own font draws the text; matplotlib's only measures it
        warnings.filterwarnings("ignore", r"Glyph \d+", UserWarning)
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = file.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    drawn = re.sub(r"\s*<metadata>.*?</metadata>", "", drawn, flags=re.DOTALL)
    # names of groups repeat from figure to figure, and nothing refers to them
    drawn = re.sub(r"<[^>]*>", _in_variables, drawn)
    drawn = re.sub(r'<g id="([^"]*)"([^>]*)>', _titled, drawn)
    width, height = figure.get_size_inches() / PX
    size = f'viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}"'
    opening = f'<svg role="img" aria-label="{html.escape(printable(says))}" {size}>'
    # a name may hold what a pattern's replacement would read as a group
    return re.sub(r"<svg[^>]*>", lambda _: opening, drawn, count=1)


def png(figure: "Figure", pixel_ratio: float = 2.0) -> bytes:
    """Return a figure as a picture on a light page, sharp on screens of twice the usual resolution."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=pixel_ratio / PX, facecolor=PAGE, metadata={"Software": None})
    return file.getvalue()


def _titled(group: "re.Match[str]") -> str:
    """Return the beginning of a group without its name, and what it tells."""
    name, rest = group[1], group[2]
    says = bytes.fromhex(name.removeprefix(TELLS)).decode() if name.startswith(TELLS) else ""
    return f"<g{rest}>" + (f"<title>{html.escape(says)}</title>" if says else "")


def _in_variables(tag: "re.Match[str]") -> str:
    """Return a tag in the page's colours and font; what stands between tags is text, whatever it looks like."""
    text = tag[0].replace("'DejaVu Sans'", "var(--font)")
    for name, shade in PALETTE.items():
        text = text.replace(shade.light, f"var(--{name})")
    return text


def new_rows(labels: Sequence[str], values: Sequence[str], width: int, axis: str) -> "tuple[Figure, Axes]":
    """Return axes with a labelled row for each label, the first on top, at y = 0, −1, −2, ….

    A row's name stands above its values, so that it fits a narrow page; what does not fit beside it stands below it.

    Args:
        labels: The rows' names.
        values: What stands at the right of each name.
        width: Width in pixels.
        axis: What the axis shows.
    """
    room = width - 2 * SIDE
    longest = max(len(label) + len(value) for label, value in zip(labels, values, strict=True))
    folds = CHARACTER * (longest + 2) > room
    row = ROW + LINE if folds else ROW
    height = TOP + BOTTOM + row * len(labels)
    figure = new_figure(width, height)
    box = (SIDE / width, BOTTOM / height, 1 - 2 * SIDE / width, 1 - (TOP + BOTTOM) / height)
    axes = figure.add_axes(box)
    style_axes(axes)
    below = (ROW - ABOVE - LINE / 2) / row
    axes.set_ylim(1 - len(labels) - below, 1 - below)
    axes.set_yticks([])
    axes.set_xlabel(axis)
    across, last = axes.get_yaxis_transform(), ABOVE / row
    for y, (label, value) in enumerate(zip(labels, values, strict=True)):
        first = last + LINE / row if folds else last
        axes.text(0, first - y, shorten(label, room), transform=across, color=INK, va="center")
        place, side = (0, "left") if folds else (1, "right")
        axes.text(place, last - y, value, transform=across, color=MUTED, va="center", ha=side)
        decorate(axes.axhline(-y - below, color=RULE, lw=0.6, zorder=0))
    return figure, axes


def draw_line(axes: "Axes", values: Sequence[float | None], says: str) -> None:
    """Draw an upright line at each row's value of reference, below the row's label; none where there is no value.

    Args:
        axes: The axes.
        values: The value of each row.
        says: What the value is.
    """
    for y, x in enumerate(values):
        if x is not None:
            tell(axes.plot([x, x], [-y - 0.3, -y + 0.15], color=MUTED, lw=1, zorder=1), f"{says}: {x:.4g}")
