"""The page of changes: what differs between two runs of a cohort, the important first."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from calcinosis.changes import ALL_SITES, Change
from calcinosis.estimates import Row
from calcinosis.present import change_tables, changed_results, formats
from calcinosis.present.blocks import (
    Counted,
    Paragraph,
    Section,
    Sentence,
    Table,
    plain,
    with_words,
)
from calcinosis.present.page import render
from calcinosis.present.words import Labels

FIRST = (
    "Nothing to compare with yet: this is the first export that is remembered. The next one will "
    "be compared with it."
)
BOTH = (
    "More than the export differs (see What was compared): a change of a result may come of the "
    "plan, the codebook or the code, not of the data."
)
FAILED = (
    "The analysis {analysis} failed {when} ({note}). Its results are missing there, which is no "
    "finding: what is listed as gone or new may be theirs."
)
SAME_EXPORT = (
    "Both runs are of the same export: what differs comes of the plan, the codebook, the "
    "corrections, the exclusions or the code, not of the data."
)


class Run(Protocol):
    """What the page says of a run: its name, the hash of its export and its day."""

    @property
    def name(self) -> str:
        """Of the run: its export and its state."""

    @property
    def export(self) -> str:
        """Hash of its export."""

    @property
    def export_date(self) -> str:
        """Day of its export, empty where the plan has none."""


def page(
    cohort: str,
    about: Mapping[str, Any],
    numbers: str,
    labels: Mapping[str, str],
    runs: tuple[Run, Run] | None,
    changes: Sequence[Change],
) -> str:
    """Render the page.

    Parameters
    ----------
    cohort : its name
    about : its title, and whether it is simulated
    numbers : how the plan wants numbers written
    labels : of variables and levels
    runs : the run before and this one; None where there is nothing to compare with
    changes : what differs

    Returns
    -------
    HTML; each number carries the `change_id` of its row
    """
    with formats.written_for(numbers):
        chapters = sections(changes, Labels(labels)) if runs else []
    return render(
        "changes.html.j2",
        cohort=cohort,
        about=about,
        warnings=warnings(runs, changes) if runs else [],
        compared=compared(runs),
        chapters=chapters,
    )


def in_words(
    numbers: str,
    labels: Mapping[str, str],
    runs: tuple[Run, Run],
    changes: Sequence[Change],
) -> str:
    """The same page as plain text, for a terminal."""
    with formats.written_for(numbers):
        chapters = sections(changes, Labels(labels))
    lines = [compared(runs), *warnings(runs, changes)]
    for chapter in chapters:
        lines += ["", chapter.title.upper()]
        for block in chapter.blocks:
            if isinstance(block, Table):
                lines += ["", block.caption, " | ".join(map(plain, block.head))]
                lines += [" | ".join(map(plain, row)) for row in block.rows]
                lines += block.notes
            elif isinstance(block, Paragraph):
                lines += [plain(sentence) for sentence in block.sentences]
    return "\n".join(lines)


def compared(runs: tuple[Run, Run] | None) -> str:
    """Which runs are compared."""
    if not runs:
        return FIRST
    old, new = (f"{run.name}, export of {run.export_date or 'no date'}" for run in runs)
    return f"Run {new}, compared with run {old}."


def warnings(runs: tuple[Run, Run], changes: Sequence[Change]) -> list[str]:
    """What a reader must know before he takes a change for one of the data."""
    rows = [(c.old, c.new) for c in changes if c.section == "estimates"]
    failed = [
        FAILED.format(analysis=row.analysis, when=when, note=row.note)
        for which, when in ((1, "now"), (0, "before"))
        for row in (of[which] for of in rows)
        if isinstance(row, Row) and row.status == "failed"
    ]
    if runs[0].export == runs[1].export:
        return [*failed, SAME_EXPORT]
    others = any(c.section == "run" and c.kind in ("plan", "codebook", "code") for c in changes)
    return [*failed, BOTH] if others else failed


def sections(changes: Sequence[Change], label: Labels) -> list[Section]:
    """The chapters of the page; one without content is left out."""
    of = change_tables.Found(changes)
    found = [
        Section("short", "In short", [Paragraph(_short(of)), *changed_results.main(of, label)]),
        Section("results", "Results", changed_results.results(of, label)),
        Section("flow", "Participants", changed_results.flow(of, label)),
        Section("patients", "Patients counted otherwise", change_tables.patients(of, label)),
        Section("records", "Records and values", change_tables.records(of, label)),
        Section("queries", "Queries", change_tables.queries(of, label)),
        Section("compared", "What was compared", change_tables.made(of, label)),
    ]
    return [
        replace(section, blocks=[with_words(block, formats.p_letter) for block in section.blocks])
        for section in found
        if section.blocks
    ]


def _short(of: change_tables.Found) -> list[Sentence]:
    """The page in a few lines."""
    lines: list[Sentence] = []
    named: list[Sentence]
    for table in change_tables.TABLES:
        parts = [
            (of.count("records", kind, table=table, site=ALL_SITES), kind)
            for kind in ("added", "removed", "changed", "same")
        ]
        if any(isinstance(number, Counted) for number, _ in parts):
            named = [[number, f" {change_tables.RECORDS[kind]}"] for number, kind in parts]
            lines.append(
                [f"{change_tables.TABLES[table]}, records: ", *change_tables.listed(named), "."]
            )
    number = of.count("patients", "any", item="any")
    lines.append(["Patients whose eligibility, severity or progression changed: ", number, "."])
    kinds = ("same", "changed", "new", "vanished")
    named = [[of.count("summary", kind), f" {changed_results.RESULTS[kind]}"] for kind in kinds]
    lines.append(["Results: ", *change_tables.listed(named), "."])
    flagged = of.count("summary", "flagged")
    why: list[Sentence] = [
        [number, f" {words.format(threshold=changed_results.threshold())}"]
        for flag, words in changed_results.WHY.items()
        if isinstance(number := of.count("summary", flag), Counted)
    ]
    reasons = [" (", *change_tables.listed(why), ")"] if why else []
    lines.append(["Results that stand out: ", flagged, *reasons, "."])
    states: list[Sentence] = [
        [number, f" {words}"]
        for state, words in change_tables.STATES.items()
        if isinstance(number := of.count("queries", state, site=ALL_SITES), Counted)
    ]
    lines.append(["Queries: ", *(change_tables.listed(states) or ["none"]), "."])
    return lines
