"""What the plan's own variables mean, in a table with the source of each choice."""

from collections.abc import Mapping, Sequence
from typing import Any

from calcinosis.present import formats, methods
from calcinosis.present.blocks import Entry, Table
from calcinosis.present.words import Labels

_INSTRUMENTS = {"mrss": "modified Rodnan skin score"}


def table(plan: Mapping[str, Any], label: Labels) -> list[Table]:
    """Variables that the plan derives, and who is eligible.

    Parameters
    ----------
    plan : the sections of the plan
    label : of variables and levels

    Returns
    -------
    one table of words; none where the plan derives nothing and everybody is eligible
    """
    lines: list[Sequence[Entry]] = []
    for name, of in plan["definitions"].items():
        grade = (
            ""
            if of["at_least"] is None
            else f" of grade {formats.as_given(of['at_least'])} or more"
        )
        parts = ", ".join(map(label, of["any_of"]))
        lines.append([label(name), f"any{grade} of: {parts}", of["source"]])
    for name, of in plan["totals"].items():
        items = ", ".join(map(label, of["items"])) or _INSTRUMENTS[of["instrument"]]
        lines.append([label(name), f"sum of: {items}", of["source"]])
    if plan["severity"]:
        film = plan["report"]["observation"]
        said = methods.WORSENING[plan["severity"]["worsening"]].format(film=film)
        lines.append([label("progression").capitalize(), said, plan["severity"]["source"]])
    if plan["lesions"]:
        sites = ", ".join(map(label, plan["lesions"]["sites"]))
        lines.append(["Lesion", f"a place recorded as affected, of: {sites}", ""])
    for criterion in plan["eligibility"]["criteria"]:
        lines.append(
            [
                f"Eligible: {label(criterion['name'])}",
                _taken(criterion, label),
                criterion["source"],
            ]
        )
    if not lines:
        return []
    head = ("", "What it is", "Source")
    return [Table("Definitions", head, lines, of_words=True)]


def _taken(criterion: Mapping[str, Any], label: Labels) -> str:
    unknown = "kept" if criterion["missing"] == "include" else "not eligible"
    taken = methods.bounds(criterion, label)
    return f"{label(criterion['variable'])}: {taken}; unknown: {unknown}"
