"""Tables of changed records, patients, queries and settings, on the page of changes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

from calcinosis.changes import ALL_SITES, Change
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Counted, Part, Sentence, Table
from calcinosis.present.words import Labels, capital

TABLES = {"patients": "Patients", "readings": "Readings of films"}
RECORDS = {
    "added": "added",
    "removed": "removed",
    "changed": "changed",
    "same": "the same",
}
VALUES = {"changed": "Changed", "filled": "Known now", "emptied": "Missing now"}
STATES = {
    "open": "opened",
    "persisting": "still open",
    "answered": "answered",
    "resolved": "resolved",
    "withdrawn": "withdrawn",
}
WHAT = {
    "eligibility": "Eligibility",
    "grade_first": "Grade at the first film",
    "grade_last": "Grade at the last film",
    "progression": "Progression",
    "outcome": "Outcome of the models",
}
FIELDS = {
    "field_added": "new",
    "field_removed": "gone",
    "type_changed": "of another type",
}
MADE = {
    "export": "Export of",
    "plan": "Plan",
    "codebook": "Codebook",
    "lines": "Codebook, values of",
    "code": "Code or libraries of the step",
    "corrections": "Corrections of values",
}
MOST = 40
"""Rows of a table on the page, which must stay readable; what stands out less has half of it."""


class Found:
    """Changes by what they are of.

    Parameters
    ----------
    changes : of a comparison, in its order
    """

    def __init__(self, changes: Iterable[Change]):
        changes = list(changes)
        self.flow = [change for change in changes if change.item.startswith("flow/")]
        self._of: dict[tuple[str, str], list[Change]] = {}
        for change in changes:
            self._of.setdefault((change.section, change.kind), []).append(change)
        self._counts = {
            (c.section, c.kind, c.table, c.site, c.item): c
            for of in self._of.values()
            for c in of
            if c.section not in ("estimates", "run")
            and (c.section, c.kind) != ("patients", "changed")
        }

    def all(self, section: str, *kinds: str) -> list[Change]:
        """The changes of a section, kind by kind; of all kinds by default."""
        kinds = kinds or tuple(kind for of, kind in self._of if of == section)
        return [change for kind in kinds for change in self._of.get((section, kind), ())]

    def count(
        self, section: str, kind: str, table: str = "", site: str = "", item: str = ""
    ) -> Part:
        """A count; `0` where nothing is of that kind."""
        change = self._counts.get((section, kind, table, site, item))
        return counted(change) if change else "0"


def counted(change: Change) -> Counted:
    """The count of a change."""
    return Counted(formats.number(change.count or 0, 0), change.change_id)


def listed(parts: Sequence[Sentence]) -> Sentence:
    """Parts with commas between them."""
    return [part for i, each in enumerate(parts) for part in ([", "] if i else []) + each]


def cut(
    caption: str, head: Sequence[str], rows: Sequence[list[Part]], *notes: str, most: int = MOST
) -> Table:
    """A table of its first rows; a note says so where there is at least one more."""
    note = [f"The first {most} are shown; changes.csv holds all."] if len(rows) > most else []
    return Table(caption, head, rows[:most], [*notes, *note])


def patients(of: Found, label: Labels) -> list[Block]:
    """How many patients changed from which class to which."""
    rows: list[list[Part]] = [
        [WHAT[change.item], _class(change.old, label), _class(change.new, label), counted(change)]
        for change in of.all("patients", "changed")
    ]
    note = "Patients of both runs; private/changed_patients.csv names them."
    head = ("What", "Before", "Now", "Patients")
    return [cut("Patients by what changed", head, rows, note)] if rows else []


def _class(name: object, label: Labels) -> str:
    step, slash, reason = str(name).partition("/")
    if not slash:
        return {"": "unknown", "analysed": "in the analysis"}.get(step, label(step))
    return label.reason(Row(analysis="flow", term=step, level=reason, statistic="count"))


def records(of: Found, label: Labels) -> list[Block]:
    """Records by table and site, columns that came or went, values by variable and site."""
    blocks: list[Block] = []
    for table, caption in TABLES.items():
        found = [c for c in of.all("records") if c.table == table]
        rows = _by_site(of, found, "records", RECORDS, table, "", label)
        head: Sequence[str] = ("Site", "Added", "Removed", "Changed", "The same")
        blocks += [Table(f"{caption}: records", head, rows)] if rows else []
    blocks += [block for table in TABLES for block in _values(of, table, label)]
    fields = of.all("fields")
    if fields:
        named: list[list[Part]] = [
            [f"{TABLES[c.table]}: {label(c.item)}", FIELDS[c.kind], counted(c)] for c in fields
        ]
        blocks.append(cut("Columns", ("Column", "What happened", "Known values"), named))
    return blocks


def _values(of: Found, table: str, label: Labels) -> list[Block]:
    """Changed values of a table, the variable with the most first."""
    found = sorted((c for c in of.all("values") if c.table == table), key=lambda c: c.item)
    lines: list[tuple[int, list[list[Part]]]] = []
    for item, same in groupby(found, key=lambda c: c.item):
        group = list(same)
        named = _by_site(of, group, "values", VALUES, table, item, label)
        most = max(c.count or 0 for c in group)
        lines.append((most, [[label(item), *row] for row in named]))
    lines.sort(key=lambda line: -line[0])
    rows = [row for _, each in lines for row in each]
    note = "Values of records of both runs; private/changed_values.csv holds them."
    head = ("Variable", "Site", *VALUES.values())
    return [cut(f"{TABLES[table]}: values", head, rows, note)] if rows else []


def _by_site(
    of: Found,
    found: Sequence[Change],
    section: str,
    kinds: Mapping[str, str],
    table: str,
    item: str,
    label: Labels,
) -> list[list[Part]]:
    """A line for all sites, and one for each where there are several."""
    sites = sorted({change.site for change in found} - {ALL_SITES})
    shown = [ALL_SITES, *(sites if len(sites) > 1 else [])] if found else []
    return [
        [_site(site, label), *(of.count(section, kind, table, site, item) for kind in kinds)]
        for site in shown
    ]


def _site(site: str, label: Labels) -> str:
    return {ALL_SITES: "all sites", "": "no site"}.get(site) or label(site)


def queries(of: Found, label: Labels) -> list[Block]:
    """What became of the questions, by site."""
    rows = _by_site(of, of.all("queries"), "queries", STATES, "", "", label)
    head = ("Site", *(capital(words) for words in STATES.values()))
    notes = [
        "Opened: asked now and not before. Answered: a correction that is in use answers it. "
        "Withdrawn: the codebook or the plan no longer asks it. Resolved: the export has changed."
    ]
    return [Table("Queries", head, rows, notes)] if rows else []


def made(of: Found, label: Labels) -> list[Block]:
    """What differs between the runs besides their results: export, plan, codebook, code."""
    rows: list[list[Part]] = []
    for change in of.all("run", *MADE):
        named = {
            "plan": f": {change.item}",
            "lines": f" {label(change.item.rpartition('/')[2])}",
            "code": f" {change.item}",
        }
        ends = [str(end or "") for end in (change.old, change.new)]
        if not any(ends):
            ends = ["", "another one"]
        cells = [Counted(end, change.change_id) if end else "" for end in ends]
        rows.append([MADE[change.kind] + named.get(change.kind, ""), *cells])
    table = cut("What differs between the two runs", ("What", "Before", "Now"), rows)
    return [replace(table, of_words=True)] if rows else []
