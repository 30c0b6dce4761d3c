"""The colours of a report in light and in dark; a figure is drawn in the light ones and follows the page's."""

from typing import NamedTuple

__all__ = ["ACCENT", "BAND", "INK", "MUTED", "PAGE", "PALETTE", "RULE", "WARNING", "Shade", "css"]


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
