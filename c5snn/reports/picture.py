"""A figure of a document as an SVG file of its own, light and dark as the page that shows it."""

from c5snn.errors import ConfigError
from c5snn.reports.document import Document
from c5snn.reports.figures.canvas import svg
from c5snn.reports.figures.palette import css

__all__ = ["to_svg"]

WIDTH = 720  # pixels
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif"


def to_svg(document: Document, figure: str | None = None) -> str:
    """Return one figure.

    Args:
        document: The document.
        figure: The title of the first section with the figure, in capitals or not; None for the first figure of all:
            the ladder where there is one, else the leaderboard against chance.

    Raises:
        ConfigError: Nothing has been tested, so there is no figure, or there is none of this title.
    """
    drawings = [(section.title, section.drawing) for section in document.sections if section.drawing is not None]
    if not drawings:
        raise ConfigError("A figure needs a tested run, but none of these has a test; `c5snn test RUN` makes one.")
    named = [drawing for title, drawing in drawings if figure is None or title.casefold() == figure.casefold()]
    if not named:
        titles = ", ".join(f'"{title}"' for title in dict.fromkeys(title for title, _ in drawings))
        raise ConfigError(f"The figure must be one of {titles}, but is {figure}.")
    text = svg(named[0].draw(WIDTH), named[0].says, "picture")
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    style = f"<style>\n{css()}\n:root {{ --font: {FONT}; background: var(--page); }}\n</style>"
    opening, rest = text.removeprefix("<svg ").split(">", 1)
    return f"<svg {namespaces} {opening}>\n{style}{rest}\n"
