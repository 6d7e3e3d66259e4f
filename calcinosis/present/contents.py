"""The report as data: its sections in order, each with its blocks.

A new analysis adds an entry here and its table or figure; the template stays as it is.
"""

from collections.abc import Mapping
from typing import Any

from calcinosis.present import findings, methods, tables
from calcinosis.present.blocks import Block, Paragraph, Picture, Section
from calcinosis.present.words import Book, Labels

NOT_RUN = {
    "severity": "severity and progression",
    "incidence": "incidence",
    "models": "associated factors",
}


def sections(book: Book, plan: Mapping[str, Any], labels: Mapping[str, str]) -> list[Section]:
    """All sections of a cohort's report.

    Parameters
    ----------
    book : the estimates of the cohort
    plan : the sections of its plan
    labels : of variables and levels
    """
    label = Labels(labels)
    made = [
        Section("findings", "Key findings", [Paragraph(_findings(book, plan, label))]),
        Section("participants", "Participants", _participants(book, label)),
    ]
    if plan["severity"]:
        made.append(Section("severity", "Severity and progression", _severity(book, plan, label)))
    if plan["incidence"]:
        made.append(Section("incidence", "Incidence", _incidence(book)))
    if plan["models"]:
        made.append(Section("models", "Associated factors", _models(book, label)))
    made.append(Section("quality", "Data quality", _quality(book, label)))
    made.append(Section("methods", "Methods", _methods(plan, label)))
    return made


def _findings(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Any]:
    sentences: list[Any] = [findings.participants(book)]
    if plan["severity"]:
        comparison = plan["severity"]["comparison"]
        at_risk = plan["severity"]["worst_grade_at_baseline"] == "not_at_risk"
        sentences += [
            findings.risk(book, comparison, at_risk),
            findings.headline_rate(book, plan["incidence"], at_risk),
            findings.by_two_levels(book, comparison, label),
            findings.where(book, comparison, label),
        ]
    sentences.append(findings.associated(book, label))
    return [sentence for sentence in sentences if sentence]


def _participants(book: Book, label: Labels) -> list[Block]:
    finding = findings.participants(book)
    return [Picture("flow_figure", "Participant flow.", finding), tables.flow(book, label)]


def _severity(book: Book, plan: Mapping[str, Any], label: Labels) -> list[Block]:
    comparison, words = plan["severity"]["comparison"], plan["report"]
    where = tables.where(book, comparison, label)
    return [
        tables.grades(book, label, words["observation"]),
        Picture(
            "transitions_figure",
            f"From grade to grade of {words['finding']}: the width of a band is the number of "
            "intervals.",
            findings.transitions(book, label, words["observations"]),
        ),
        tables.transitions(book, label),
        tables.risks(book, comparison, label),
        *([where] if where else []),
    ]


def _incidence(book: Book) -> list[Block]:
    sentence = (
        "Nobody saw when progression happened, only between which two observations. Counting "
        "everybody as at risk for the full interval divides the events by time in which "
        "progression had already happened, so that the rate is too low when many progress; the "
        "mid-point and the interval-censored estimates correct for it, each with its own "
        "assumption. The share that progressed, above, assumes least."
    )
    return [Paragraph([[sentence]]), tables.incidence(book)]


def _models(book: Book, label: Labels) -> list[Block]:
    finding = findings.associated(book, label)
    caption = "Odds ratios of progression, each covariate alone and adjusted for each other."
    return [tables.models(book, label), Picture("forest_figure", caption, finding)]


def _quality(book: Book, label: Labels) -> list[Block]:
    return list(tables.quality(book, label))


def _methods(plan: Mapping[str, Any], label: Labels) -> list[Block]:
    absent = [name for section, name in NOT_RUN.items() if not plan[section]]
    not_run = [
        Paragraph([[f"Not run, because the plan has no such section: {', '.join(absent)}."]])
    ]
    return [*methods.paragraphs(plan, label), *(not_run if absent else [])]
