"""Tables of changed results and of the participant flow, on the page of changes."""

from collections.abc import Callable

from calcinosis.changes import Change
from calcinosis.estimates import Row
from calcinosis.present import formats
from calcinosis.present.blocks import Block, Counted, Part, Table
from calcinosis.present.change_tables import MOST, Found, cut
from calcinosis.present.words import Labels, capital

RESULTS = {"same": "the same", "changed": "changed", "new": "new", "vanished": "gone"}
WHY = {
    "status": "with another status",
    "threshold": "whose p-value crossed {threshold}",
    "interval": "outside the old interval",
    "sign": "in the other direction",
    "warning": "with a caution that came or went",
}


def threshold() -> str:
    """The p-value that changes are told apart by, as the journal writes it."""
    return formats.as_given(0.05)


def results(of: Found, label: Labels) -> list[Block]:
    """Results that stand out, how many changed in each analysis, the others, new and gone ones."""
    changed = of.all("estimates", "changed")
    flagged = [change for change in changed if change.flags]
    others = [change for change in changed if not change.flags and change.shift is not None]
    blocks: list[Block] = []
    if flagged:
        head = ("Result", "Before", "Now", "p before", "p now", "Why")
        rows = [_result(change, label, why=True) for change in flagged[: MOST + 1]]
        blocks.append(cut("Results that stand out, the important first", head, rows))
    blocks += _analyses(of, label)
    if others:
        head = ("Result", "Before", "Now", "p before", "p now", "Moved")
        rows = [_result(change, label, why=False) for change in others[: MOST // 2 + 1]]
        moved = (
            "Moved is the distance from the old estimate to the new one, in distances from the old "
            "estimate to the limit of its interval on that side."
        )
        caption = "Other changed results with an interval, the furthest moved first"
        blocks.append(cut(caption, head, rows, moved, most=MOST // 2))
    for kind, caption in (("new", "New results"), ("vanished", "Results that are gone")):
        found = of.all("estimates", kind)
        if found:
            rows = [_alone(change, label) for change in found[: MOST // 2 + 1]]
            blocks.append(cut(caption, ("Result", "Estimate"), rows, most=MOST // 2))
    return blocks


def _is_main(row: Row) -> bool:
    """Whether a row is what a reader asks for first: who is analysed, and the study's answers."""
    whole = row.group in ("overall", "")
    return {
        "flow": row.term == "analysed",
        "progression": whole and (row.outcome, row.term) == ("progression", ""),
        "incidence": whole and row.statistic == "rate" and row.model.startswith("full_interval"),
        "lesions": row.unit == "of patients" and row.level == "yes",
        "multivariable": (row.model, row.statistic) == ("primary", "odds_ratio"),
        "bone_density": (row.term, row.statistic, row.model)
        == ("t_score", "median_difference", ""),
    }.get(row.analysis, False)


def main(of: Found, label: Labels) -> list[Block]:
    """The main results before and now, also those that are the same."""
    rows: list[list[Part]] = []
    for change in of.all("estimates"):
        ends = [end if isinstance(end, Row) else None for end in (change.old, change.new)]
        row = ends[1] or ends[0]
        assert row is not None
        if _is_main(row):
            cells = [
                _shown(change, end, formats.with_interval) if end else "not there" for end in ends
            ]
            rows.append([result_name(row, label), *cells])
    head = ("Result", "Before", "Now")
    return [cut("Main results", head, rows)] if rows else []


def _result(change: Change, label: Labels, *, why: bool) -> list[Part]:
    old, new = change.old, change.new
    assert isinstance(old, Row) and isinstance(new, Row)
    shift = "" if change.shift is None else formats.number(change.shift, 1)
    last: Part = "; ".join(_why(change)) if why else Counted(shift, change.change_id)
    show = (formats.with_interval, formats.p_of)
    cells = [_shown(change, row, of) for of in show for row in (old, new)]
    return [result_name(new, label), *cells, last]


def _shown(change: Change, row: Row, show: Callable[[Row], str]) -> Part:
    text = show(row)
    return Counted(text, change.change_id) if text else ""


def _alone(change: Change, label: Labels) -> list[Part]:
    row = change.new if isinstance(change.new, Row) else change.old
    assert isinstance(row, Row)
    return [result_name(row, label), _shown(change, row, formats.with_interval)]


def _why(change: Change) -> list[str]:
    """The flags of a change in words."""
    old, new = change.old, change.new
    assert isinstance(old, Row) and isinstance(new, Row)
    words = {
        **{"threshold": f"p crossed {threshold()}", "interval": "outside the old interval"},
        **{"sign": "other direction"},
        "status": f"status: {_status(old)}, now {_status(new)}",
        "warning": "caution: " + ("new" if new.status == "warning" else "no longer"),
    }
    return [words[flag] for flag in change.flags]


def _status(row: Row) -> str:
    return row.status.replace("_", " ")


def result_name(row: Row, label: Labels) -> str:
    """What a result is of: term and level, statistic, outcome, group, and by which means."""
    term = label(row.term) if row.term else ""
    if row.level and not (row.level == "yes" and row.reference in ("no", "")):
        term = f"{term}: {label(row.level)}" if term else label(row.level)
    if row.reference and not (row.level == "yes" and row.reference == "no"):
        term += f" v {label.group(row.reference)}"
    model = "" if row.model == "primary" else row.model
    parts = [
        term,
        row.statistic.replace("_", " "),
        label.inside(row.outcome) if row.outcome else "",
        "" if row.group in ("overall", "") else label.group(row.group),
        row.unit,
    ]
    how = " by ".join(part.replace("_", " ") for part in (model, row.method) if part)
    named = ", ".join(filter(None, parts)) + (f" ({how})" if how else "")
    return f"{capital(row.analysis.replace('_', ' '))}: {named}"


def _analyses(of: Found, label: Labels) -> list[Block]:
    """How many results of each analysis changed."""
    kinds = ("same", "changed", "flagged", "new", "vanished")
    names = list(dict.fromkeys(c.item for c in of.all("summary") if c.item))
    rows = [
        [capital(label(name)), *(of.count("summary", kind, item=name) for kind in kinds)]
        for name in names
        if any(c.item == name and c.kind != "same" for c in of.all("summary"))
    ]
    rows += [["All analyses", *(of.count("summary", kind) for kind in kinds)]] if names else []
    head = ("Analysis", "The same", "Changed", "of which stand out", "New", "Gone")
    note = "Analyses without a line are the same in every number."
    return [Table("Results by analysis", head, rows, [note])] if rows else []


def flow(of: Found, label: Labels) -> list[Block]:
    """Each box of the flow, before and now."""
    names = {
        "records": "Records of patients in the export",
        "patients": "Patients",
        "analysed": "Patients analysed",
    }
    rows = []
    for change in of.flow:
        row = change.new if isinstance(change.new, Row) else change.old
        assert isinstance(row, Row)
        cells = [
            _shown(change, end, formats.estimate) if isinstance(end, Row) else ""
            for end in (change.old, change.new)
        ]
        rows.append([names.get(row.term) or f"– {label.reason(row)}", *cells])
    return [Table("Participant flow", ("Step", "Before", "Now"), rows)] if rows else []
