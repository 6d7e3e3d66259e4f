"""Tables and findings of how lesions were found, by centre too, and whether results hang on it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Sentence, Table, cell
from calcinosis.present.lesion_tables import share
from calcinosis.present.words import Book, Labels, capital

_FOUND: dict[str, Any] = {"analysis": "ascertainment"}


def tables(
    book: Book, section: Mapping[str, Any], label: Labels, *, with_centres: bool = True
) -> list[Table]:
    """How lesions were found; none where the plan does not say.

    Without that of the centres where their own chapter has it.
    """
    modes = list(section["ascertainment"])
    if not modes or not book.all(**_FOUND, term=modes[0]):
        return []
    found = [_ways(book, modes, label), _combinations(book, label)]
    by_centre = centres(book, section, label) if with_centres else None
    return [*found, *([by_centre] if by_centre else []), _sensitivity(book, section, label)]


def finding(book: Book, section: Mapping[str, Any], label: Labels) -> Sentence:
    """Who was found by the first way of the plan only."""
    for mode in list(section["ascertainment"])[:1]:
        row = book.one(**_FOUND, group="overall", level=f"{mode}_only", statistic="proportion")
        if row and row.estimate is not None:
            return [
                f"Of patients with {label.inside(section['among'])}, ",
                cell(row, lambda r: f"{formats.fraction(r)} ({formats.estimate(r)})"),
                f" were found by {label.inside(mode)} only (95% CI ",
                cell(row, formats.interval),
                ").",
            ]
    return []


def _ways(book: Book, modes: Sequence[str], label: Labels) -> Table:
    rows = book.all(**_FOUND, group="overall", model="", term=modes[0], statistic="proportion")
    units = list(dict.fromkeys(row.unit for row in rows))
    head = ["Found by"]
    for unit in units:
        head += [f"n/N {label(unit)}", "% (95% CI)", "Not known"]
    table: list[Sequence[Entry]] = []
    for mode in modes:
        line: list[Entry] = [capital(label(mode))]
        for unit in units:
            of = {**_FOUND, "group": "overall", "term": mode, "unit": unit}
            line += share(book.one(**of, statistic="proportion"))
            line.append(cell(book.one(**of, statistic="missing")))
        table.append(line)
    note = (
        "A patient may be found in several ways; N is of whom that way is known. Where an export "
        "says no also of what was not done, such as a radiograph that nobody took, the share found "
        "so is of all patients and not of those looked at."
    )
    return Table("How lesions were found", head, table, (note,))


def _combinations(book: Book, label: Labels) -> Table:
    rows = book.all(**_FOUND, group="overall", term="found_by", statistic="proportion")
    missing = book.one(**_FOUND, group="overall", term="found_by", statistic="missing")
    table: list[Sequence[Entry]] = [[capital(label(r.level)), *share(r)] for r in rows]
    if missing and missing.estimate:
        table.append(["A way not known", cell(missing), ""])
    head = ("Found by", f"n/N {label(rows[0].unit)}", "% (95% CI)")
    note = "N is of whom all ways are known. Intervals: Wilson."
    return Table("Ways of finding lesions, one by one and together", head, table, (note,))


def centres(book: Book, section: Mapping[str, Any], label: Labels) -> Table | None:
    """How each centre found lesions, and whether centres differ; None without centres."""
    modes = list(section["ascertainment"])
    if not modes:
        return None
    lines = [(mode, "yes") for mode in modes] + [("found_by", f"{modes[0]}_only")]
    groups = list(dict.fromkeys(r.group for r in book.all(**_FOUND) if "=" in r.group))
    if not groups:
        return None
    unit = book.all(**_FOUND, term="found_by")[0].unit
    table: list[Sequence[Entry]] = []
    everybody = {**_FOUND, "model": "", "term": section["among"]}
    for group in groups:
        line: list[Entry] = [label.group(group), cell(book.one(**everybody, group=group), _share)]
        for term, level in lines:
            of = {**_FOUND, "group": group, "term": term, "unit": unit}
            missing = book.one(**of, statistic="missing")
            entry: Sentence = [cell(book.one(**of, level=level), _share)]
            if missing and missing.estimate:
                entry += [" (", cell(missing), " not known)"]
            line.append(entry)
        table.append(line)
    tests = [
        book.one(**_FOUND, term=term, level=level, statistic="group_test") for term, level in lines
    ]
    table.append(["Same in all, p", "", *(cell(test, formats.p_of) or "–" for test in tests)])
    names = [capital(label(mode)) for mode in modes]
    among = capital(label(section["among"]))
    head = ("Centre", f"{among}, of patients", *names, f"{names[0]} only")
    notes = [
        f"n/N (%), by way {label(unit)}; N is of whom the way is known. The p-value is of "
        "Fisher's exact test, or of the chi-squared test where each cell is expected to hold 5.",
        *dict.fromkeys(test.note for test in tests if test and test.note),
    ]
    return Table("How each centre found lesions", head, table, notes)


def _share(row: Row) -> str:
    if not row.n:
        return "–"
    return f"{formats.fraction(row)} ({formats.number(100 * (row.estimate or 0), 0)}%)"


def _sensitivity(book: Book, section: Mapping[str, Any], label: Labels) -> Table:
    """The main results by who counts as having lesions."""
    among, complications = section["among"], section["complications"]
    rows = [row for row in book.all(**_FOUND) if row.model and row.statistic != "analysis"]
    names = list(dict.fromkeys(row.model for row in rows))
    found: dict[tuple[str, ...], dict[str, Row]] = {}
    for row in rows:
        key = (row.term, row.level, row.reference, row.unit, row.statistic)
        found.setdefault(key, {})[row.model] = row
    table: list[Sequence[Entry]] = []
    kinds: dict[str, Callable[[Row], bool]] = {
        "Prevalence, of patients": lambda r: r.term == among,
        "Sites, of lesions": lambda r: _at_site(r) and r.unit == "of lesions",
        f"Sites together, of patients with {label.inside(among)}": lambda r: (
            r.term == "site_group" and r.unit == f"of patients with {among}"
        ),
        f"Complications, of patients with {label.inside(among)}": lambda r: (
            r.term in complications and r.unit == f"of patients with {among}"
        ),
        "Adjusted odds ratios": lambda r: r.statistic == "odds_ratio",
    }
    for kind, belongs in kinds.items():
        of_kind = [by for by in found.values() if belongs(next(iter(by.values())))]
        if of_kind:
            table.append([kind, *(_denominators(of_kind, name) for name in names)])
        for by in of_kind:
            shown = [cell(by.get(name), formats.with_interval) for name in names]
            table.append([f"– {_name(next(iter(by.values())), label)}", *shown])
    notes = [
        "Who was found otherwise only counts as without; who may have been found by a way that is "
        "not known is left out. Sites and complications are those of the patient, because no "
        "lesion says how it was found. In parentheses, 95% intervals.",
        *dict.fromkeys(f"{capital(label(row.model))}: {row.note}" for row in rows if row.note),
    ]
    caption = "The main results by who counts: how lesions were found"
    return Table(caption, ("", *(capital(label(name)) for name in names)), table, notes)


def _denominators(of_kind: Sequence[Mapping[str, Row]], name: str) -> Sentence:
    """Of how many the results of a kind are: `N = 118`, or from fewest to most."""
    rows = sorted((by[name] for by in of_kind if name in by), key=lambda row: row.n or 0)
    if not rows:
        return []
    ends = rows[:1] if rows[0].n == rows[-1].n else [rows[0], rows[-1]]
    parts: Sentence = []
    for row in ends:
        parts += [" to " if parts else "N = ", cell(row, lambda r: formats.number(r.n or 0, 0))]
    return parts


def _at_site(row: Row) -> bool:
    return row.term in ("site", "site_group")


def _name(row: Row, label: Labels) -> str:
    if row.statistic == "odds_ratio":
        return label.term(row)
    return label(row.level) if _at_site(row) else label.inside(row.term)
