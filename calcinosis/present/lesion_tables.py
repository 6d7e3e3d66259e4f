"""Tables and findings of lesions and their complications."""

from collections.abc import Sequence

from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Paragraph, Sentence, Table, cell
from calcinosis.present.lines import share
from calcinosis.present.words import Book, Labels


def tables(book: Book, label: Labels) -> list[Table]:
    """Sites and complications with each denominator."""
    rows = book.all(analysis="lesions", term="site")
    units = list(dict.fromkeys(row.unit for row in rows))
    sites = list(dict.fromkeys(row.level for row in rows))
    head = ["Site"]
    for unit in units:
        head += [f"n/N {label(unit)}", "%"]
    table: list[Sequence[Entry]] = []
    for site in sites:
        line: list[Entry] = [label(site).capitalize()]
        for unit in units:
            line += share(book.one(analysis="lesions", term="site", level=site, unit=unit))
        table.append(line)
    made = book.all(analysis="complications")
    complications: list[Sequence[Entry]] = [
        [
            f"{label(row.term).capitalize()}, {row.unit}",
            *share(row, with_limits=True),
        ]
        for row in made
    ]
    return [
        Table(
            "Where lesions are",
            head,
            table,
            ("Lesions of one patient are not independent: their shares have no interval.",),
        ),
        *(
            [
                Table(
                    "Complications",
                    ("", "n/N", "%", "95% CI"),
                    complications,
                    ("Intervals: Wilson.",),
                )
            ]
            if made
            else []
        ),
    ]


def prevalence(book: Book, label: Labels) -> Sentence:
    """How many have lesions."""
    row = next((r for r in book.all(analysis="lesions", level="yes") if r.term != "site"), None)
    if row is None:
        return []
    return [
        f"{label(row.term).capitalize()}: ",
        cell(row, lambda r: f"{formats.fraction(r)} patients ({formats.estimate(r)})"),
        " (95% CI ",
        cell(row, formats.interval),
        ").",
    ]


def where_lesions(book: Book, label: Labels) -> Sentence:
    """The share of the fingers together, and the sites in order of their lesions."""
    rows = book.all(analysis="lesions", term="site", unit="of lesions")
    fingers = next((r for r in rows if r.level == "fingers"), None)
    sites = sorted(
        (r for r in rows if r.level != "fingers" and r.estimate),
        key=lambda r: -(r.estimate or 0),
    )
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
        sentences.append(
            ["Places of patients with lesions that nobody knows, not counted: ", cell(unknown), "."]
        )
    contradictory = book.one(analysis="lesions", term="contradictory")
    among = next((r for r in book.all(analysis="lesions", level="yes") if r.term != "site"), None)
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
