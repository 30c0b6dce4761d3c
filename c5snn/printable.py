"""Text from outside as it may be shown: what would act on a terminal or a page, or cannot be encoded, is escaped.

A model's name, a path or a value can hold terminal codes, half of a surrogate pair, or marks that turn the reading
direction round. They are shown as a Python literal would show them.
"""

import codecs
import re
from typing import TextIO

__all__ = ["HIDDEN", "printable", "write_any_text"]

# controls but newline and tab, surrogates, invisible marks, those of the reading direction, non-characters
HIDDEN = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    r"\ufeff\ud800-\udfff\ufff9-\ufffb\ufffe\uffff]"
)
ENCODABLE = "c5snn.encodable"  # the error handler's name
ASCII = {
    "–": "-", "—": "-", "−": "-", "×": "x", "·": "*", "…": "...", "→": "->", "≥": ">=", "≤": "<=", "±": "+-",
    "β": "beta", "θ": "theta", "“": '"', "”": '"', "‘": "'", "’": "'", "\N{NO-BREAK SPACE}": " ",
}  # fmt: skip


def printable(text: str) -> str:
    r"""Return text in which every character shows itself and none acts.

    >>> printable("\x1b[31mred\u202e\ud800")
    '\\x1b[31mred\\u202e\\ud800'
    """
    return HIDDEN.sub(lambda found: _escaped(found[0]), text)


def write_any_text(stream: TextIO) -> None:
    """Let a stream write what its encoding lacks: typographic signs in ASCII, all else escaped."""
    codecs.register_error(ENCODABLE, _encodable)
    if hasattr(stream, "reconfigure"):  # one that somebody has put in the place of the process's may lack it
        stream.reconfigure(errors=ENCODABLE)


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode()


def _encodable(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(ASCII.get(character, _escaped(character)) for character in lacking), error.end
