"""Published shapes with habits of lotteries of several countries: summaries, two bonus columns, entities, zones."""

from collections.abc import Callable

from tests.data.events.published.shapes import DAYS, N_EVENTS, Shape, day, draws, lines

GERMAN = ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"]
FRENCH = ["LUNDI", "MARDI", "MERCREDI", "JEUDI", "VENDREDI", "SAMEDI", "DIMANCHE"]


def with_stars(size: int, n_parts: int, n_stars: int, most: int) -> list[tuple[object, list[int], list[int]]]:
    """Dates, numbers and bonus numbers of their own pool."""
    mains, stars = draws(size, n_parts), draws(n_stars, most, seed=2)
    return list(zip(DAYS, mains, stars, strict=True))


def lotto_fr() -> Shape:
    """Loto FR: newest first, Latin-1, weekday and two dates, chance number, money with a comma."""
    rows = [
        [
            20240000 + t,
            FRENCH[d.tolist().weekday()],
            day(d, "{d:02d}/{m:02d}/{y}"),
            day(d, "{d:02d}/{m:02d}/{y}"),
            *main,
            *chance,
            f"{t + 2}000000,50",
            "",
        ]
        for t, (d, main, chance) in enumerate(with_stars(5, 49, 1, 10))
    ]
    balls = ";".join(f"boule_{place}" for place in range(1, 6))
    header = f"annee_numero_de_tirage;jour_de_tirage;date_de_tirage;date_de_forclusion;{balls};numero_chance;prix;joké;"
    text = lines([[*row, ""] for row in reversed(rows)], header, ";")
    return Shape(text.encode("latin-1"), draws(5, 49), n_parts=49)


def lotto_6aus49() -> Shape:
    """Lotto 6aus49: tabs, weekday before the date, two bonus columns, a game total with dots for thousands."""
    supers = draws(1, 9, seed=5)
    rows = [
        [
            f"{GERMAN[d.tolist().weekday()]}, {day(d, '{d:02d}.{m:02d}.{y}')}",
            *main,
            *zusatz,
            *superzahl,
            f"{38 + t}.123.456,75",
        ]
        for t, (d, main, zusatz, superzahl) in enumerate(
            zip(DAYS, draws(6, 49), draws(1, 49, seed=4), supers, strict=True)
        )
    ]
    header = "Ziehungstag\t1. Zahl\t2. Zahl\t3. Zahl\t4. Zahl\t5. Zahl\t6. Zahl\tZusatzzahl\tSuperzahl\tSpieleinsatz"
    return Shape(lines(rows, header, "\t"), draws(6, 49), n_parts=49, name="lotto.txt")


def super_enalotto() -> Shape:
    """SuperEnalotto: numbers in one cell by dashes, jolly and superstar, Italian months."""
    months = ["gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio"]
    rows = [
        [
            t + 1,
            f"{d.tolist().day} {months[d.tolist().month - 1]} {d.tolist().year}",
            " - ".join(map(str, main)),
            jolly[0],
            star[0],
        ]
        for t, (d, main, jolly, star) in enumerate(
            zip(DAYS, draws(6, 90), draws(1, 90, seed=3), draws(1, 90, seed=6), strict=True)
        )
    ]
    return Shape(lines(rows, "Concorso;Data;Combinazione Vincente;Jolly;SuperStar", ";"), draws(6, 90), n_parts=90)


def euromillions_summary() -> Shape:
    """EuroMillions: `02-Jan-21`, quoted numbers with spaces, two stars, a summary below."""
    rows = [
        [day(d, "{d:02d}-{mon}-{yy:02d}"), *(f'" {part} "' for part in main), *(f'" {star} "' for star in stars)]
        for d, main, stars in with_stars(5, 50, 2, 12)
    ]
    text = lines(rows, "Draw Date,Ball 1,Ball 2,Ball 3,Ball 4,Ball 5,Lucky Star 1,Lucky Star 2")
    return Shape(f"{text}\nTotal draws: {N_EVENTS},,,,,,,\nLast updated 05/07/2024,,,,,,,\n", draws(5, 50), n_parts=50)


def powerball_weekdays() -> Shape:
    """Powerball: `Sat, Jan 02, 2021` in quotes, jackpots with commas, a Power Play `2x`."""
    rows = [
        [
            f'"{day(d, "{wd}, {mon} {d:02d}, {y}")}"',
            *main,
            ball[0],
            f"{2 + t % 4}x",
            f'"${1_000_000 * (t + 20):,}"',
            "Yes" if t % 9 == 0 else "No",
        ]
        for t, (d, main, ball) in enumerate(with_stars(5, 69, 1, 26))
    ]
    header = "Draw Date,WB1,WB2,WB3,WB4,WB5,PB,Power Play,Estimated Jackpot,Winner"
    return Shape(lines(rows, header), draws(5, 69), n_parts=69)


def zoned() -> Shape:
    """An interface's dump: ISO times with a zone, numbers in one quoted cell, an HTML entity in the header."""
    rows = [
        [f"{d}T22:59:00-05:00", f'"{", ".join(f"{part:02d}" for part in main)}"', "Mega&nbsp;Millions"]
        for d, main in zip(DAYS, draws(5, 70), strict=True)
    ]
    return Shape(
        lines(rows, "draw&#95;time,winning&nbsp;numbers,game"),
        draws(5, 70),
        n_parts=70,
        dates=[d.astype("datetime64[s]") + 82740 for d in DAYS],
    )


def swiss() -> Shape:
    """Swiss Lotto: apostrophes for thousands, a title above, `Tirage` numbers, replay and lucky number."""
    rows = [
        [t + 900, day(d, "{d}.{m}.{y}"), *main, *lucky, (t * 7) % 13 + 1, f"{t + 1}'250'000.00"]
        for t, (d, main, lucky) in enumerate(with_stars(6, 42, 1, 6))
    ]
    header = "Tirage;Date;N1;N2;N3;N4;N5;N6;Numéro Chance;Replay;Jackpot CHF"
    text = f"Swiss Lotto - résultats\n\n{lines(list(reversed(rows)), header, ';')}\nSource : loterie;;;;;;;;;;\n"
    return Shape(text.encode("cp1252"), draws(6, 42), n_parts=42)


def brazil() -> Shape:
    """Mega-Sena: `Bola1`, money `R$1.000.000,00`, cities with commas in quotes, columns of prizes."""
    rows = [
        [
            t + 1,
            day(d, "{d:02d}/{m:02d}/{y}"),
            *main,
            t % 3,
            '"SÃO PAULO, SP"',
            f"R${t + 1}.317.902,10",
            17 + t,
            "R$39.158,92",
        ]
        for t, (d, main) in enumerate(zip(DAYS, draws(6, 60, ordered=False), strict=True))
    ]
    balls = ";".join(f"Bola{place}" for place in range(1, 7))
    prizes = "Ganhadores 6 acertos;Cidade / UF;Rateio 6 acertos;Ganhadores 5 acertos;Rateio 5 acertos"
    header = f"Concurso;Data do Sorteio;{balls};{prizes}"
    return Shape(
        "\ufeff" + lines(rows, header, ";"), [sorted(event) for event in draws(6, 60, ordered=False)], n_parts=60
    )


def pipes_and_words() -> Shape:
    """A markdown-like table: pipes at both ends, a line of dashes, dates in words."""
    rows = [
        f"| {day(d, '{wd} {d} {mon} {y}')} | {' '.join(map(str, main))} |"
        for d, main in zip(DAYS, draws(), strict=True)
    ]
    return Shape("\n".join(["| Date | Numbers |", "|------|---------|", *rows, ""]), draws(), name="draws.txt")


def bonus_in_parentheses() -> Shape:
    """Numbers in one cell with the bonus in parentheses and a thousands-separated count beside it."""
    rows = [
        [
            day(d, "{y}/{m:02d}/{d:02d}"),
            f"{'-'.join(f'{part:02d}' for part in main)} ({bonus[0]:02d})",
            f'"{1234 + t:,}"',
        ]
        for t, (d, main, bonus) in enumerate(with_stars(6, 45, 1, 45))
    ]
    return Shape(lines(rows, "Date,Result,Winners"), draws(6, 45), n_parts=45)


def spanish() -> Shape:
    """La Primitiva: COMB. spread over unnamed columns, complementario and reintegro, two-digit years."""
    rows = [
        [day(d, "{d:02d}/{m:02d}/{y}"), *main, compl[0], t % 10]
        for t, (d, main, compl) in enumerate(with_stars(6, 49, 1, 49))
    ]
    return Shape(lines(list(reversed(rows)), "FECHA,COMB. GANADORA,,,,,,COMP.,R."), draws(6, 49), n_parts=49)


HABITS: dict[str, Callable[[], Shape]] = {
    "Loto FR": lotto_fr,
    "Lotto 6aus49": lotto_6aus49,
    "SuperEnalotto": super_enalotto,
    "EuroMillions with a summary": euromillions_summary,
    "Powerball with weekdays": powerball_weekdays,
    "times with a zone": zoned,
    "Swiss Lotto": swiss,
    "Mega-Sena": brazil,
    "pipes at both ends": pipes_and_words,
    "a bonus number in parentheses": bonus_in_parentheses,
    "La Primitiva": spanish,
}
