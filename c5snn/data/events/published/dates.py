"""Dates as they are published: every format that reads a whole column, and the column read by one of them.

A format is written as in ``strptime``. Digits alone rarely say whether the day or the month comes first; only a day
above 12 or a weekday does, and where none stands in the column there are two readings, not one.
"""

import re
import unicodedata
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from jaxtyping import Shaped

from c5snn.data.events.violations import quote
from c5snn.errors import ConfigError, DataError

__all__ = ["date_formats", "disagreeing_weekdays", "likely_formats", "parse_dates", "require_one_zone"]

Dates = Shaped[np.ndarray, " rows"]

# how each code reads in a pattern; the names of months and weekdays are looked up
_CODES: Final = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "b": r"(?P<b>[^\W\d_]+)\.?",
    "a": r"(?P<a>[^\W\d_]+)\.?",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[ap]\.?m\.?)",
    "z": r"(?P<z>Z|[+-]\d\d:?\d\d|[A-Z]{2,5})",
}
_SAME: Final = {"B": "b", "A": "a", "e": "d"}
# seconds or milliseconds since 1970, days since the last day of 1899
_COUNTS: Final = {
    "unix": (1_000_000, 1970, 1, 1),
    "unix-ms": (1_000, 1970, 1, 1),
    "excel": (86_400_000_000, 1899, 12, 30),
}
# eight digits are a date only if they look like one
_FIRST_YEAR, _END_YEAR = np.datetime64("1800"), np.datetime64("2200")
_N_PROBES: Final = 20
_FEW: Final = 500
_MOST_LETTERS: Final = 100
_UTC: Final = {"Z", "UTC", "GMT", "+0000", "-0000"}
_FIRST_CENTURY: Final = 69  # as POSIX has it: 69...99 are of the last century

_MONTHS: Final = [
    "jan ene gen", "feb fev", "mar mrz maa", "apr abr avr", "may mai mei mag", "jun juin giu", "jul juil lug",
    "aug ago aou", "sep set", "oct okt ott out", "nov", "dec dez dic",
]  # fmt: skip
_WEEKDAYS: Final = [
    "mon lun seg mo ma maa", "tue mar ter di die din", "wed mer mie qua mi mit wo woe", "thu jeu jue gio qui do don",
    "fri ven vie sex fr fre vr vri", "sat sam sab sa za zat", "sun dim dom son so zo zon",
]  # fmt: skip
_MONTH_OF: Final = {name: month for month, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAY_OF: Final = {name: day for day, names in enumerate(_WEEKDAYS) for name in names.split()}

_TIME = re.compile(
    r"(?P<before>\s+|T|,\s*|\s*-\s+|\s+at\s+)?(?P<time>\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)"
    r"(?P<half>\s*[ap]\.?m\.?)?(?P<zone>\s*(?:Z|UTC|GMT|[A-Z]{3,4}|[+-]\d\d:?\d\d))?$",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th)\b", re.IGNORECASE)
_TOKENS = re.compile(r"\d+|[^\W\d_]+\.?|\s+|.")


def date_formats(texts: list[str], *, named: bool = True) -> list[str]:
    """Return every format that reads all texts; readings that agree on each of them count once.

    >>> date_formats(["05/01/2000", "05/02/2000"]), date_formats(["05/01/2000", "25/02/2000"])
    (['%m/%d/%Y', '%d/%m/%Y'], ['%d/%m/%Y'])

    Args:
        texts: The cells of a column, none of them empty.
        named: Whether the column is called a date: then counts since 1970 and six digits are dates, too.
    """
    distinct = list(dict.fromkeys(texts))
    if not distinct:
        return []
    readings: dict[str, Dates] = {}
    for candidate in _candidates(distinct[0], named=named):
        # most candidates fail on a few texts already
        if len(distinct) > _FEW and np.isnat(parse_dates(distinct[:_FEW], candidate)).any():
            continue
        dates = parse_dates(distinct, candidate)
        if _is_plausible(dates) and not any((dates == other).all() for other in readings.values()):
            readings[candidate] = dates
    agreeing = [name for name in readings if not disagreeing_weekdays(distinct, name, readings[name])]
    return agreeing or list(readings)


def likely_formats(texts: list[str], *, named: bool = True) -> list[str]:
    """Return the formats that read all texts, or where a few are broken those that read most of them.

    >>> likely_formats(["13/01/2000", "13/02/2000", "13/13/2000"]), likely_formats(["13/01/2000", "-", "-"])
    (['%d/%m/%Y'], [])
    """
    if formats := date_formats(texts, named=named):
        return formats
    probes = texts[:: max(1, len(texts) // _N_PROBES)]
    candidates = list(dict.fromkeys(name for text in probes for name in date_formats([text], named=named)))
    read = {name: int((~np.isnat(parse_dates(texts, name))).sum()) for name in candidates}
    most = max(read.values(), default=0)
    return [name for name, count in read.items() if count == most and 2 * count > len(texts)]


def parse_dates(texts: list[str], date_format: str) -> Dates:
    """Return the times that texts mean as ``datetime64[us]``, NaT where the format does not read one.

    Args:
        texts: The texts.
        date_format: Codes as of ``strptime``: ``%d.%m.%Y``; or ``unix``, ``unix-ms``, ``excel``. Zones are read and
            dropped: a time is that of the clock that the file shows.

    Raises:
        ConfigError: The format has a code that is not known, or says no date.
    """
    if date_format in _COUNTS:
        return np.array([_counted(text, date_format) for text in texts], dtype="datetime64[us]")
    pattern = _pattern(date_format)
    known: dict[str, datetime | None] = {}
    for text in texts:
        if text not in known:
            known[text] = _read(pattern, text)
    return np.array([known[text] for text in texts], dtype="datetime64[us]")


def disagreeing_weekdays(texts: list[str], date_format: str, dates: Dates) -> int:
    """Return how many texts name another weekday than that of their date."""
    if "%a" not in date_format and "%A" not in date_format:
        return 0
    pattern, wrong = _pattern(date_format), 0
    for text, date in zip(texts, dates.astype("datetime64[D]").tolist(), strict=True):
        found = pattern.fullmatch(_ORDINAL.sub("", text))
        named = _looked_up(_WEEKDAY_OF, found["a"]) if found else None
        wrong += named is not None and date is not None and named != date.weekday()
    return wrong


def require_one_zone(texts: list[str], date_format: str, label: str) -> None:
    """Refuse times on several clocks: without their zones, which are dropped, they are in no common order.

    Args:
        texts: The cells of a column; those that the format does not read are left out.
        date_format: How they are spelled.
        label: What the column is called.

    Raises:
        DataError: There is more than one zone.
    """
    pattern = _pattern(date_format) if "%z" in date_format else None
    found = [pattern.fullmatch(_ORDINAL.sub("", text)) for text in dict.fromkeys(texts)] if pattern else []
    spelled: dict[str, str] = {}
    for zone in (match["z"] for match in found if match):
        plain = zone.upper().replace(":", "")
        spelled.setdefault("UTC" if plain in _UTC else plain, zone)
    if len(spelled) > 1:
        first, second = list(spelled.values())[:2]
        raise DataError(
            f"Column {label} must hold the times of one zone, but holds {quote(first)} and {quote(second)}: bins need"
            " one clock. Write all times in one zone, such as UTC."
        )


def _candidates(text: str, *, named: bool) -> list[str]:
    if len(text) > _MOST_LETTERS:  # no date, and patterns that search take long over it
        return []
    text = _ORDINAL.sub("", text)
    if text.isascii() and text.isdecimal():
        return _digit_formats(len(text), named=named)
    time = _TIME.search(text)
    date, clock = (text[: time.start()], _clock_format(time)) if time else (text, "")
    tokens = _TOKENS.findall(date)
    places = [place for place, token in enumerate(tokens) if token[0].isdecimal()]
    words = [place for place, token in enumerate(tokens) if token[0].isalpha()]
    months = [place for place in words if _looked_up(_MONTH_OF, tokens[place]) is not None]
    roles = _roles([len(tokens[place]) for place in places], has_month=len(places) == 2 and len(months) > 0)  # noqa: PLR2004
    found = []
    for role in roles:
        spelled = [_literal(token) for token in tokens]
        for place, code in zip(places, role, strict=True):
            spelled[place] = f"%{code}"
        for place in words:
            if place in months[-1:] and len(places) == 2:  # noqa: PLR2004  # day and year: the word is the month
                spelled[place] = "%b"
            elif _looked_up(_WEEKDAY_OF, tokens[place]) is not None:
                spelled[place] = "%a"
        found.append("".join(spelled) + clock)
    return found


def _is_plausible(dates: Dates) -> bool:
    return bool(((dates >= _FIRST_YEAR) & (dates < _END_YEAR)).all())  # NaT is neither


def _digit_formats(n_digits: int, *, named: bool) -> list[str]:
    if n_digits == len("20240131"):
        return ["%Y%m%d", "%d%m%Y", "%m%d%Y"]
    if not named:
        return []
    return {6: ["%y%m%d", "%d%m%y", "%m%d%y"], 10: ["unix"], 13: ["unix-ms"]}.get(n_digits, [])


def _roles(lengths: list[int], *, has_month: bool) -> list[str]:
    # which number is the year, the month, the day: by its digits, else every order that is in use
    if has_month:
        return {(True, False): ["Yd"], (False, True): ["dY"]}.get((lengths[0] == 4, lengths[1] == 4), ["dy"])  # noqa: PLR2004
    if len(lengths) != 3:  # noqa: PLR2004  # year, month and day
        return []
    years = [place for place, length in enumerate(lengths) if length == 4]  # noqa: PLR2004
    orders = ["Ymd"] if years == [0] else ["mdY", "dmY"] if years == [2] else []
    return orders if years else ["mdy", "dmy", "ymd"] if max(lengths) <= 2 else []  # noqa: PLR2004


def _clock_format(found: re.Match[str]) -> str:
    hour = "%I" if found["half"] else "%H"
    clock = hour + "".join(
        f"{mark}%{code}" for mark, code in zip(re.findall(r"[:.,]", found["time"]), "MSf", strict=False)
    )
    before = _literal(found["before"] or "")
    half = f"{' ' if found['half'][0].isspace() else ''}%p" if found["half"] else ""
    zone = f"{' ' if found['zone'][0].isspace() else ''}%z" if found["zone"] else ""
    return f"{before}{clock}{half}{zone}"


def _literal(token: str) -> str:
    return " " if token.isspace() else token.replace("%", "%%")


def _pattern(date_format: str) -> re.Pattern[str]:
    pieces, codes = [], set()
    for piece in re.findall(r"%.?|\s+|[^%\s]+", date_format):
        if piece.isspace():
            pieces.append(r"\s+")
        elif not piece.startswith("%"):
            pieces.append(re.escape(piece))
        elif piece == "%%":
            pieces.append("%")
        else:
            code = _SAME.get(piece[1:], piece[1:])
            if code not in _CODES or code in codes:
                fault = f"but `{piece}` stands twice" if code in codes else f"but got `{piece}`"
                known = " ".join(f"%{name}" for name in [*_CODES, *_SAME])
                raise ConfigError(f"`--date-format` must be made of {known}, once each, {fault}.")
            codes.add(code)
            pieces.append(_CODES[code])
    if not codes & {"Y", "y"} or not codes & {"m", "b"} or "d" not in codes:
        raise ConfigError(
            f"`--date-format` must say year, month and day, such as %d/%m/%Y, or be unix, unix-ms or excel,"
            f" but got {date_format!r}."
        )
    return re.compile("".join(pieces), re.IGNORECASE)


def _read(pattern: re.Pattern[str], text: str) -> datetime | None:
    found = pattern.fullmatch(_ORDINAL.sub("", text)) if len(text) <= _MOST_LETTERS else None
    if found is None:
        return None
    part = found.groupdict()
    month = int(part["m"]) if part.get("m") else _looked_up(_MONTH_OF, part["b"])
    hour = int(part.get("H") or 0)
    if part.get("I"):
        hour = int(part["I"]) % 12 + 12 * (str(part.get("p")).casefold().startswith("p"))
    try:
        clock = hour, int(part.get("M") or 0), int(part.get("S") or 0)
        whole = datetime(_year(part), month or 0, int(part["d"]), *clock)  # noqa: DTZ001  # as the file shows it
    except ValueError:  # 30 February
        return None
    return whole + timedelta(microseconds=int((part.get("f") or "0").ljust(6, "0")[:6]))


def _year(part: dict[str, str]) -> int:
    if part.get("Y"):
        return int(part["Y"])
    short = int(part["y"])
    return short + (1900 if short >= _FIRST_CENTURY else 2000)


def _counted(text: str, unit: str) -> datetime | None:
    microseconds, *day = _COUNTS[unit]
    try:
        return datetime(*day) + timedelta(microseconds=float(text) * microseconds)  # type: ignore[arg-type]  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None


def _looked_up(names: dict[str, int], word: str) -> int | None:
    # by the longest beginning that is known: `juillet` is not `juin`
    bare = "".join(c for c in unicodedata.normalize("NFD", word.casefold()) if c.isalpha() and c.isascii())
    if len(bare) == len("mo"):
        return names.get(bare)
    return names.get(bare[:4], names.get(bare[:3]))
