"""The index of a run: all cohorts with status, key numbers and open queries."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.estimates import Row
from calcinosis.present import bone_density_tables, findings, formats, lesion_tables
from calcinosis.present.blocks import cell
from calcinosis.present.page import render
from calcinosis.present.words import Book, Labels


def index(
    cohorts: Mapping[str, Sequence[Row]],
    plans: Mapping[str, Mapping[str, Any]],
    labels: Mapping[str, Mapping[str, str]],
) -> str:
    """Render the index; each cohort's numbers are written as its plan wants.

    Parameters
    ----------
    cohorts : name to estimates
    plans : name to the sections about, report, severity, incidence of its plan
    labels : name to the labels of variables and levels

    Returns
    -------
    HTML; each number links to its row in the cohort's report
    """
    return render(
        "index.html.j2",
        cohorts=[
            _entry(name, Book(rows), plans[name], Labels(labels[name]))
            for name, rows in sorted(cohorts.items())
        ],
    )


def _entry(name: str, book: Book, plan: Mapping[str, Any], label: Labels) -> dict[str, Any]:
    with formats.written_for(plan["report"]["numbers"]):
        return _written(name, book, plan, label)


def _written(name: str, book: Book, plan: Mapping[str, Any], label: Labels) -> dict[str, Any]:
    severity = plan["severity"]
    sentences = [findings.participants(book), lesion_tables.prevalence(book, label)]
    if severity:
        at_risk = severity["worst_grade_at_baseline"] == "not_at_risk"
        sentences.append(findings.risk(book, severity["comparison"], at_risk))
        sentences.append(findings.headline_rate(book, plan["incidence"], at_risk))
    sentences.append(findings.associated(book, label))
    sentences.append(bone_density_tables.t_scores(book, label))
    failed = [row for row in book.rows if row.status == "failed"]
    without = [row.analysis for row in book.rows if row.status == "not_estimable"]
    return {
        "name": name,
        "about": plan["about"],
        "sentences": [sentence for sentence in sentences if sentence],
        "queries": cell(book.one(analysis="quality", term="open_queries")),
        "failed": failed,
        "without": [label(analysis) for analysis in dict.fromkeys(without)],
    }
