"""Tables and findings of fingers in order, of right and left, and of sites together."""

from collections.abc import Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Entry, Paragraph, Sentence, Table, cell
from calcinosis.present.lesion_tables import BOOTSTRAP, share
from calcinosis.present.words import Book, Labels, capital

_LESIONS: dict[str, Any] = {"analysis": "lesions"}


def fingers(book: Book, label: Labels) -> list[Block]:
    """Fingers in order, and their trend."""
    rows = book.all(**_LESIONS, term="finger")
    if not rows:
        return []
    sites = {row.unit for row in book.all(**_LESIONS, term="site", level=rows[0].level)}
    of_patients = next((unit for unit in sites if unit.startswith("of patients with ")), "")
    units = ("of lesions", of_patients)
    table: list[Sequence[Entry]] = []
    for row in rows:
        line: list[Entry] = [capital(label(row.level))]
        for unit in units:
            line += share(book.one(**_LESIONS, term="site", level=row.level, unit=unit))
        table.append([*line, *share(row)])
    head = ["Finger"]
    for unit in (*units, rows[0].unit):
        head += [f"n/N {label(unit)}", "% (95% CI)"]
    return [Table("Fingers in order", head, table, (BOOTSTRAP,)), Paragraph([trend(book)])]


def trend(book: Book) -> Sentence:
    """Whether lesions become rarer from finger to finger."""
    found = {r.statistic: r for r in book.all(**_LESIONS, term="finger_trend", unit="per finger")}
    if not found:
        return []
    test, ratio, slope = (found[n] for n in ("trend_test", "odds_ratio", "risk_difference"))
    if test.estimate is None:
        return ["Trend over the fingers in order: ", cell(test), ". ", test.note]
    parts: Sentence = ["From one finger to the next, in order, "]
    if ratio.estimate is not None:
        parts += [
            "the odds of a lesion change by a factor of ",
            cell(ratio, formats.with_interval),
            " within patients, and ",
        ]
    parts += [
        "the share of patients by ",
        cell(slope, formats.with_interval),
        " percentage points, of ",
        cell(slope, lambda r: formats.number(r.n or 0, 0)),
        " patients, those without a finger affected too (95% CI). By permutation of the fingers "
        "within each patient with some but not all affected (n = ",
        cell(test, lambda r: formats.number(r.events or 0, 0)),
        "): p ",
        cell(test, formats.p_of),
        ".",
    ]
    unknown = book.one(**_LESIONS, term="finger_trend", statistic="count")
    if unknown and unknown.estimate:
        parts += [" Left out, because a finger is not known: ", cell(unknown), " patients."]
    return parts


def sides(book: Book, label: Labels) -> list[Block]:
    """Right against left; nothing where the plan does not tell sides apart."""
    rows = book.all(**_LESIONS, term="side")
    if not rows:
        return []
    units = list(dict.fromkeys(row.unit for row in rows))
    head = ["Side"]
    for unit in units:
        head += [f"n/N {label(unit)}", "% (95% CI)"]
    table: list[Sequence[Entry]] = []
    by_site = book.all(**_LESIONS, term="site_by_side")
    for side in ("right", "left"):
        line: list[Entry] = [capital(label(side))]
        for unit in units:
            line += share(book.one(**_LESIONS, term="side", level=side, unit=unit))
        table.append(line)
        for site in dict.fromkeys(row.level for row in by_site):
            line = [f"– {label(site)}"]
            for unit in units:
                at = {"term": "site_by_side", "group": side, "level": site, "unit": unit}
                line += share(book.one(**_LESIONS, **at))
            table.append(line)
    patterns: list[Sequence[Entry]] = [
        [capital(label(row.level)), *share(row)]
        for row in book.all(**_LESIONS, term="side_pattern")
    ]
    return [
        Table("Right and left", head, table, (BOOTSTRAP,)),
        Table(
            "Patients by the side of their lesions",
            ("Lesions", f"n/N {label(units[1])}", "% (95% CI)"),
            patterns,
            ("Sites with two sides only. Intervals: Wilson.",),
        ),
        Paragraph([compared(book)]),
    ]


def compared(book: Book) -> Sentence:
    """The comparison of right and left within patients."""
    found = {r.statistic: r for r in book.all(**_LESIONS, term="sides", reference="left")}
    if not found:
        return []
    ratio, more, sign = (found[n] for n in ("odds_ratio", "mean_difference", "sign_test"))
    parts: Sentence = ["Right against left within patients: odds ratio of any lesion "]
    parts.append(cell(ratio, formats.with_interval))
    if ratio.p_value is not None:
        parts += [", p ", cell(ratio, formats.p_of), " (McNemar's exact test)"]
    parts.append(". ")
    if more.estimate is not None:
        parts += ["Lesions on the right minus lesions on the left, on average "]
        parts += [cell(more, formats.with_interval), " a patient (95% CI); "]
    parts += [
        "more on the right in ",
        cell(book.one(**_LESIONS, term="sides", level="more_on_the_right")),
        " patients, on the left in ",
        cell(book.one(**_LESIONS, term="sides", level="more_on_the_left")),
    ]
    if sign.p_value is not None:
        parts += [", sign test p ", cell(sign, formats.p_of)]
    return [*parts, "."]


def combinations(book: Book, label: Labels) -> Table | None:
    """Combinations of sites, as the figure shows them."""
    rows = book.all(**_LESIONS, term="combination", statistic="proportion")
    if not rows:
        return None
    table: list[Sequence[Entry]] = []
    pooled = book.one(**_LESIONS, term="combination", unit="combinations")
    for row in rows:
        name: Sentence = [capital(named(row.level, label))]
        if row.level == "other_combinations":
            name += [" (", cell(pooled), ")"]
        table.append([name, *share(row)])
    notes = ["Exactly these sites and no other. Rare combinations are counted together."]
    unknown = book.one(**_LESIONS, term="combination", unit="patients with unknown sites")
    head = ("Sites", f"n/N {label(rows[0].unit)}", "% (95% CI)")
    if unknown and unknown.estimate:
        notes.append("Patients of whom a site is not known are left out.")
    return Table("Sites that have lesions together", head, table, notes)


def named(level: str, label: Labels) -> str:
    """The sites of a combination in words."""
    names = {"fingers": "fingers or thumbs", "no_site": "no site"}
    return " + ".join(names.get(site) or label(site) for site in level.split("."))


def commonest(book: Book, label: Labels) -> Sentence:
    """The three most frequent combinations."""
    rows = book.all(**_LESIONS, term="combination", statistic="proportion")
    parts: Sentence = []
    for row in [r for r in rows if r.level != "other_combinations"][:3]:
        parts += ["; " if parts else "", f"{named(row.level, label)} ", cell(row, formats.fraction)]
    return ["Most frequent combinations of sites: ", *parts, "."] if parts else []


def pairs(book: Book, label: Labels) -> Table | None:
    """Two sites together: patients below the diagonal, phi above it."""
    rows = book.all(**_LESIONS, term="pair", statistic="count")
    sites = list(dict.fromkeys(site for row in rows for site in row.level.split(".")))
    if not sites:
        return None
    table: list[Sequence[Entry]] = []
    for i, one in enumerate(sites):
        line: list[Entry] = [capital(label(one))]
        for j, other in enumerate(sites):
            level = f"{one}.{other}" if i < j else f"{other}.{one}"
            statistic = "phi" if i < j else "count"
            found = book.one(**_LESIONS, term="pair", level=level, statistic=statistic)
            line.append("" if i == j else cell(found, _phi_or_count))
        table.append(line)
    note = (
        "Below the diagonal: patients with lesions at both sites. Above it: phi, from −1 (never "
        "together) over 0 (independent) to 1 (always together), of patients whose two sites are "
        "known; lesions are a condition of being counted, which pulls phi below 0."
    )
    head = ("", *(label(site) for site in sites))
    return Table("Pairs of sites: patients with both, and phi", head, table, (note,))


def _phi_or_count(row: Row) -> str:
    return "–" if row.estimate is None else formats.estimate(row)
