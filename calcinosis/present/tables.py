"""Tables of every study: flow, models, data quality."""

from collections.abc import Sequence

from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Entry, Table, cell
from calcinosis.present.words import Book, Labels


def flow(book: Book, label: Labels) -> Table:
    """Participant flow as a table."""
    names = {
        "records": "Records of patients in the export",
        "patients": "Patients",
        "analysed": "Patients analysed",
    }
    rows = [
        [names.get(row.term) or f"– {label.reason(row)}", cell(row)]
        for row in book.all(analysis="flow", statistic="count")
    ]
    return Table("Participant flow", ("Step", "n"), rows)


def quality(book: Book, label: Labels) -> list[Table]:
    """Rows and cells accounted for, queries and normalisations by rule."""
    tables = sorted({r.group for r in book.all(analysis="quality", term="rows_in")})
    rows: list[Sequence[Entry]] = []
    for table in tables:
        for term, name in (("rows_in", "rows in the export"), ("rows_used", "rows used")):
            rows.append([f"{label(table)}: {name}", cell(_quality(book, table, term))])
        for row in book.all(analysis="quality", term="rows_excluded", group=table):
            rows.append([f"– out: {label(row.level)}", cell(row)])
    cells: list[Sequence[Entry]] = []
    for table in tables:
        for row in book.all(analysis="quality", term="cells_in", group=table):
            used, missing, queried = (
                _quality(book, table, f"cells_{word}", row.level)
                for word in ("used", "missing", "queried")
            )
            if used is None or used.estimate != row.estimate:
                name = f"{label(table)}: {label(row.level)}"
                cells.append([name, cell(row), cell(used), cell(missing), cell(queried)])
    found = [Table("Rows: in = used + out", ("Rows", "n"), rows)]
    if cells:
        found.append(
            Table(
                "Cells: in = used + missing + queried",
                ("Variable", "In", "Used", "Missing", "Queried"),
                cells,
                ("Variables that are complete are not listed.",),
            )
        )
    found_by_rule = rules(book, label)
    found += [found_by_rule] if found_by_rule else []
    for term, caption in (
        ("queries", "Open queries by rule"),
        ("normalisations", "Read otherwise than it stands, by rule (cells)"),
        ("corrections", "Corrections of the sites, by what became of them (cells)"),
        ("column_not_in_export", "Variables without a column in the export (rows)"),
    ):
        lines = [
            [
                f"{label(row.group)}: {label(row.level)}" if row.group else label(row.level),
                cell(row),
            ]
            for row in book.all(analysis="quality", term=term)
        ]
        if lines:
            found.append(Table(caption, ("Rule", "n"), lines))
    return found


def rules(book: Book, label: Labels) -> Table | None:
    """What each rule found: failing, applicable and not applicable cells or rows."""
    lines: list[Sequence[Entry]] = []
    for row in book.all(analysis="quality", unit="of applicable"):
        others = book.one(
            analysis="quality",
            group=row.group,
            term=row.term,
            level=row.level,
            unit="not applicable",
        )
        name = f"{label(row.group)}: {label(row.level)}"
        kind = f"{row.outcome}, {row.term.removesuffix('_rule')}"
        failing = cell(row, lambda r: formats.number(r.events or 0, 0))
        judged = cell(row, lambda r: formats.number(r.n or 0, 0))
        lines.append([name, kind, failing, judged, cell(others)])
    if not lines:
        return None
    head = ("Rule", "Class, severity", "Failing", "Applicable", "Not applicable")
    notes = (
        "Classes of data quality after Kahn and colleagues. A query takes the cell or row out "
        "until it is answered; a warning asks and keeps it. Applicable: cells or rows that the "
        "rule could judge, which missing ones and those that an earlier rule took are not.",
    )
    return Table("Rules", head, lines, notes)


def _quality(book: Book, table: str, term: str, level: str = "") -> Row | None:
    return book.one(analysis="quality", group=table, term=term, level=level)
