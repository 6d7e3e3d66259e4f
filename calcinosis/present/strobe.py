"""The STROBE checklist: where the report has each item, and what is left to the authors."""

from collections.abc import Collection, Mapping, Sequence

from calcinosis.present.blocks import Entry, Link, Sentence, Table

TITLES = {"cohort": "cohort studies", "cross_sectional": "cross-sectional studies"}
"""The forms of study that have a checklist here; a trial is reported by CONSORT."""

_ITEMS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("1", "Title and abstract: design, what was done and found", ("findings",)),
    ("2", "Background and reasons", ()),
    ("3", "Objectives and hypotheses", ()),
    ("4", "Study design", ("methods",)),
    ("5", "Setting, places, dates", ("participants", "by_centre", "centres")),
    ("6", "Participants: eligibility, sources, follow-up", ("methods", "participants")),
    ("7", "Variables: outcomes, exposures, confounders, criteria", ("definitions", "methods")),
    ("8", "Data sources and measurement", ("agreement", "methods")),
    ("9", "Bias and what was done about it", ("limitations", "misclassification")),
    ("10", "How the study size came about", ("participants",)),
    ("11", "How numbers were handled, groups and why", ("methods",)),
    ("12a", "Statistical methods, control of confounding", ("methods",)),
    ("12b", "Subgroups and interactions", ("models", "incidence")),
    ("12c", "Missing data", ("missing_data", "methods")),
    ("12d", "Loss to follow-up (cohort), sampling (cross-sectional)", ("methods",)),
    (
        "12e",
        "Sensitivity analyses",
        ("models", "incidence", "misclassification", "missing_data", "centres", "lesions"),
    ),
    ("13", "Numbers at each stage, reasons, flow diagram", ("participants",)),
    ("14", "Characteristics, missing values, follow-up time", ("participants", "incidence")),
    ("15", "Outcome data", ("severity", "incidence", "lesions", "disability")),
    ("16a", "Unadjusted and adjusted estimates with intervals", ("models", "incidence")),
    ("16b", "Bounds of groups where numbers were cut", ("methods",)),
    ("16c", "Relative risks as absolute risks", ("risks", "severity")),
    ("17", "Other analyses", ("bone_density", "centres", "validation", "ordinal", "multiplicity")),
    ("18", "Key results", ("findings",)),
    ("19", "Limitations", ("limitations",)),
    ("20", "Interpretation", ()),
    ("21", "Generalisability", ()),
    ("22", "Funding", ()),
)
"""Number, content in our words, and the chapters that hold it."""


def table(form: str, titles: Mapping[str, str]) -> Table:
    """The checklist of a report.

    Parameters
    ----------
    form : cohort or cross_sectional
    titles : the chapters of the report: id to title

    References
    ----------
    von Elm E et al. Lancet 2007;370:1453-7, doi 10.1016/S0140-6736(07)61602-X.
    """
    lines: list[Sequence[Entry]] = [
        [number, what, _places(chapters, titles)] for number, what, chapters in _ITEMS
    ]
    note = (
        "Items of STROBE (von Elm 2007, doi 10.1016/S0140-6736(07)61602-X) in short; a link says "
        "where to look, not that the item is complete."
    )
    head = ("Item", "Content", "Where")
    return Table(f"STROBE checklist for {TITLES[form]}", head, lines, (note,), of_words=True)


def _places(chapters: Collection[str], titles: Mapping[str, str]) -> Sentence:
    there: Sentence = []
    for chapter in chapters:
        if chapter in titles:
            there += [", "] if there else []
            there.append(Link(titles[chapter], chapter))
    return there or ["for the authors to write"]
