"""A document's first figure as an SVG file of its own, light and dark as the page that shows it."""

from c5snn.errors import ConfigError
from c5snn.reports.document import Document
from c5snn.reports.figures.canvas import svg
from c5snn.reports.figures.palette import css

__all__ = ["to_svg"]

WIDTH = 720  # pixels
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


def to_svg(document: Document) -> str:
    """Return the first figure: the ladder where there is one, else the leaderboard against chance.

    Raises:
        ConfigError: There is no figure, because nothing has been tested.
    """
    drawings = [section.drawing for section in document.sections if section.drawing is not None]
    if not drawings:
        raise ConfigError("A figure needs a tested run, but none of these has a test; `c5snn test RUN` makes one.")
    text = svg(drawings[0].draw(WIDTH), drawings[0].says, "picture")
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    style = f"<style>\n{css()}\n:root {{ --font: {FONT}; background: var(--page); }}\n</style>"
    opening, rest = text.removeprefix("<svg ").split(">", 1)
    return f"<svg {namespaces} {opening}>\n{style}{rest}\n"
