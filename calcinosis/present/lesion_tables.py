"""Tables and findings of where lesions are, and of their complications."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Paragraph, Sentence, Table, cell
from calcinosis.present.words import Book, Labels, capital

BOOTSTRAP = (
    "Lesions of one patient are not independent: the intervals of shares of lesions come from "
    "resamples of patients. Intervals of shares of patients: Wilson."
)


def where(book: Book, label: Labels) -> Table:
    """Each site and group of sites with each denominator."""
    rows = book.all(analysis="lesions", term="site", group="overall")
    units = list(dict.fromkeys(row.unit for row in rows))
    head = ["Site"]
    for unit in units:
        head += [f"n/N {label(unit)}", "% (95% CI)"]
    table: list[Sequence[Entry]] = []
    for term in ("site", "site_group"):
        of_term = book.all(analysis="lesions", term=term)
        for site in dict.fromkeys(row.level for row in of_term):
            line: list[Entry] = [("– " if term == "site_group" else "") + _named(site, term, label)]
            for unit in units:
                line += share(book.one(analysis="lesions", term=term, level=site, unit=unit))
            table.append(line)
        if term == "site":
            table.append(["Sites together", *[""] * (len(head) - 1)])
    return Table("Where lesions are", head, table, (BOOTSTRAP,))


def _named(site: str, term: str, label: Labels) -> str:
    return label(site) if term == "site_group" else capital(label(site))


def share(row: Row | None) -> list[Entry]:
    """A share as n/N and percentage with interval."""
    return [cell(row, formats.fraction), cell(row, formats.with_interval)]


def per_patient(book: Book, label: Labels) -> list[Paragraph]:
    """How many lesions a patient has."""
    found = {r.statistic: r for r in book.all(analysis="lesions", term="lesions_per_patient")}
    if not found:
        return []
    among = next(iter(found.values())).unit.removeprefix("of patients with ")
    sentence: Sentence = [
        "Lesions: ",
        cell(book.one(analysis="lesions", term="lesions")),
        f"; of a patient with {label.inside(among)} who has any recorded, median ",
        cell(found["median"]),
        " (quartiles ",
        cell(found["q1"]),
        " and ",
        cell(found["q3"]),
        ", at most ",
        cell(found["maximum"]),
        ").",
    ]
    return [Paragraph([sentence])]


def complications(book: Book, label: Labels) -> list[Table]:
    """Complications with each denominator."""
    made = book.all(analysis="complications")
    units = list(dict.fromkeys(row.unit for row in made))
    if not made:
        return []
    head = ["Complication"]
    for unit in units:
        head += [f"n/N {label(unit)}", "% (95% CI)"]
    table: list[Sequence[Entry]] = []
    for term in dict.fromkeys(row.term for row in made):
        line: list[Entry] = [capital(label(term))]
        for unit in units:
            line += share(book.one(analysis="complications", term=term, unit=unit))
        table.append(line)
    note = (
        "Complications are recorded of a patient and not of a lesion, so that there is no share of "
        "lesions. Intervals: Wilson."
    )
    return [Table("Complications", head, table, (note,))]


def prevalence(book: Book, label: Labels) -> Sentence:
    """How many have lesions."""
    row = _prevalence(book)
    if row is None:
        return []
    return [
        f"{capital(label(row.term))}: ",
        cell(row, lambda r: f"{formats.fraction(r)} patients ({formats.estimate(r)})"),
        " (95% CI ",
        cell(row, formats.interval),
        ").",
    ]


def _prevalence(book: Book) -> Row | None:
    return next(iter(book.all(analysis="lesions", level="yes", unit="of patients")), None)


def where_lesions(book: Book, label: Labels) -> Sentence:
    """The share of the fingers together, and the sites in order of their lesions."""
    rows = book.all(analysis="lesions", term="site", unit="of lesions")
    fingers = book.one(analysis="lesions", term="site_group", level="fingers", unit="of lesions")
    sites = sorted((r for r in rows if r.estimate), key=lambda r: -(r.estimate or 0))
    if fingers is None or not sites:
        return []
    parts: Sentence = ["Of the lesions, ", cell(fingers), " are on fingers and thumbs"]
    for row in sites[:3]:
        parts += [f"; {label(row.level)} ", cell(row)]
    return [*parts, "."]


def lost_lesions(book: Book, label: Labels) -> list[Paragraph]:
    """What the counts of lesions leave out, where there is such a thing."""
    sentences: list[Sentence] = []
    unknown = book.one(analysis="lesions", term="unknown_places")
    if unknown and unknown.estimate:
        sentences += [
            [
                "Places of patients with lesions that nobody knows, not counted: ",
                cell(unknown),
                ".",
            ],
            [
                "Where N is of patients, one known lesion is enough to be counted, and who has "
                "none but an unknown place is left out, so that shares may be too high."
            ],
        ]
    contradictory, among = book.one(analysis="lesions", term="contradictory"), _prevalence(book)
    if among and contradictory and contradictory.estimate:
        sentences.append(
            [
                f"Patients without {label.inside(among.term)} who have a lesion or complication "
                "recorded all the same, not counted: ",
                cell(contradictory),
                ".",
            ]
        )
    return [Paragraph(sentences)] if sentences else []
