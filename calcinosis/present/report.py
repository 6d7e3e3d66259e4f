"""The report of one cohort: a single HTML file without scripts or network."""

import base64
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import findings, formats, software
from calcinosis.present.blocks import Cell, Section, parts_of, plain
from calcinosis.present.contents import sections
from calcinosis.present.page import render
from calcinosis.present.words import Book, Labels

_DIGITS_OF_HASH = 12
"""Of a dataset's SHA-256, on the page."""
FORMS = {
    "cohort": "cohort study",
    "cross_sectional": "cross-sectional study",
    "trial": "randomised trial",
}


def report(
    cohort: str,
    parts: Mapping[str, Sequence[Row]],
    datasets: Mapping[str, Mapping[str, str]],
    figures: Iterable[Path],
    plan: Mapping[str, Any],
    labels: Mapping[str, str],
) -> str:
    """Render the report.

    Parameters
    ----------
    cohort : its name
    parts : its estimates, by the rule that made them
    datasets : by the rule, the datasets that it read: name to SHA-256
    figures : the SVG files
    plan : the sections of its plan
    labels : of variables and levels

    Returns
    -------
    HTML; each printed number carries the `result_id` of its row and links to it in the appendix
    """
    rows = [row for made in parts.values() for row in made]
    rule_of = {row.result_id: rule for rule, made in parts.items() for row in made}
    book, label = Book(rows), Labels(labels)
    with formats.written_for(plan["report"]["numbers"]):
        chapters = sections(book, plan, labels)
        dates = findings.dates(book, label)
    return render(
        "report.html.j2",
        cohort=cohort,
        about=plan["about"],
        forms=FORMS,
        digits=formats.every_digit,
        export_date=plan["export"]["date"],
        dates=dates,
        chapters=chapters,
        failed=[row for row in rows if row.status == "failed"],
        absent=[label(row.level) for row in rows if row.term == "column_not_in_export"],
        appendix=[(row, rule_of[row.result_id]) for row in _printed(chapters)],
        datasets=datasets,
        hashes={name: of[name] for of in datasets.values() for name in sorted(of)},
        short=lambda digest: digest[:_DIGITS_OF_HASH],
        pictures={path.stem: _data_uri(path) for path in figures},
        plain=plain,
        queries=next((row for row in rows if row.term == "open_queries"), None),
        versions=software.versions(),
    )


def _printed(chapters: Iterable[Section]) -> list[Row]:
    """The rows that the page prints, once each, in the order of their first mention."""
    seen: dict[str, Row] = {}
    for chapter in chapters:
        for block in chapter.blocks:
            for part in parts_of(block):
                if isinstance(part, Cell):
                    seen.setdefault(part.result_id, part.row)
    return list(seen.values())


def _data_uri(path: Path) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(path.read_bytes()).decode()
