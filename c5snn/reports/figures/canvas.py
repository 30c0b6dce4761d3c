"""Figures as matplotlib draws them for a page: made without global state, written as SVG that follows its colours."""

import io
import re
from collections.abc import Callable, Iterable
from functools import wraps
from html import escape
from typing import TYPE_CHECKING, Any, ParamSpec

from c5snn.reports.figures.palette import MUTED, PALETTE, RULE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["CHARACTER", "PX", "new_figure", "shorten", "style_axes", "styled", "svg"]

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

    file = io.StringIO()
    with rc_context({**STYLE, "svg.hashsalt": salt}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = file.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    # names of groups repeat from figure to figure, and nothing refers to them
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    for name, shade in PALETTE.items():
        text = text.replace(shade.light, f"var(--{name})")
    text = text.replace("'DejaVu Sans'", "var(--font)")
    width, height = figure.get_size_inches() / PX
    opening = f'<svg role="img" aria-label="{escape(says)}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
    return re.sub(r"<svg[^>]*>", f'{opening}height="{height:g}">', text, count=1)
