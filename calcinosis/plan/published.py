"""Reading `cohorts/<name>/published.yaml`: each number that a paper prints, as it is printed."""

import json
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from calcinosis import strict_yaml
from calcinosis.errors import InputError, nearest
from calcinosis.estimates import FILES
from calcinosis.plan.messages import explain
from calcinosis.plan.published_kinds import KINDS
from calcinosis.plan.section import Name, Section

_REFERENCES = {
    "among": ("count", "share"),
    "persons": ("count",),
    "follow_up": ("summary",),
    "outcome": ("share",),
    "between": ("count", "share", "rate", "ratio", "summary"),
    "parts": ("share",),
}
"""Key that names other numbers: the kinds that they may have."""


class Published(Section):
    """What a paper prints."""

    citation: str = Field(min_length=1, description="the paper, with its doi")
    form: Literal["cohort", "cross_sectional"] = Field(
        description="form of the study: over time, an odds ratio of a common outcome is easily "
        "read as a ratio of risks"
    )
    numbers: dict[Name, dict[str, Any]] = Field(
        min_length=1, description="id to number; its keys are those of its kind"
    )


def read_published(path: str | Path) -> dict[str, Any]:
    """Read and check one `published.yaml`.

    Parameters
    ----------
    path : path of the file

    Returns
    -------
    its content with all keys of each kind, as plain values

    Raises
    ------
    InputError
        All problems at once, each with file, line, key and the nearest valid key or id.
    """
    content, lines = strict_yaml.load(path)
    _check(Published, content, str(path), lines)
    numbers: dict[str, dict[str, Any]] = {}
    problems: list[str] = []
    for name, given in content["numbers"].items():
        at = ("numbers", name)
        below = {key[2:]: line for key, line in lines.items() if key[:2] == at}
        kind = given.get("kind")
        if kind not in KINDS:
            hint = nearest(str(kind), KINDS) if kind else f"write one of: {', '.join(KINDS)}"
            line = below.get(("kind",), lines[at])
            problems.append(f"{path}:{line}: numbers.{name}.kind: {hint}")
            continue
        try:
            entry = _check(KINDS[kind], given, str(path), below)
            numbers[name] = entry.model_dump(mode="json")
        except InputError as error:
            problems += error.message.splitlines()
    if not problems:
        problems = _unknown_references(numbers, str(path), lines)
    if problems:
        raise InputError("\n".join(problems))
    return {"citation": content["citation"], "form": content["form"], "numbers": numbers}


def settings(published: dict[str, Any], *, simulated: bool) -> dict[str, Any]:
    """What the estimates use of the file; the words are for the pages alone.

    Parameters
    ----------
    published : as `read_published` returns it
    simulated : whether the cohort is made from the paper
    """
    numbers = {
        name: {key: value for key, value in entry.items() if key not in ("says", "where")}
        for name, entry in published["numbers"].items()
    }
    return {"form": published["form"], "simulated": simulated, "numbers": numbers}


def files_compared(published: dict[str, Any]) -> list[str]:
    """The estimates files that may hold what the numbers are compared with."""
    named = {
        entry["ours"].split("/")[0] for entry in published["numbers"].values() if entry["ours"]
    }
    return sorted({file for analysis in named for file in FILES.get(analysis, (analysis,))})


def _check(
    model: type[BaseModel], content: Any, path: str, lines: dict[strict_yaml.Location, int]
) -> BaseModel:
    try:
        return model.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise InputError(explain(error, model, path, lines)) from None


def _unknown_references(
    numbers: dict[str, dict[str, Any]], path: str, lines: dict[strict_yaml.Location, int]
) -> list[str]:
    problems = []
    for name, entry in numbers.items():
        for key, kinds in _REFERENCES.items():
            named = entry.get(key) or []
            valid = [other for other, of in numbers.items() if of["kind"] in kinds]
            for other in [named] if isinstance(named, str) else named:
                if other == name or other not in valid:
                    hint = nearest(other, {*valid} - {name})
                    line = lines.get(("numbers", name, key), 1)
                    problems.append(
                        f"{path}:{line}: numbers.{name}.{key}: '{other}' is no "
                        f"{' or '.join(kinds)} of this file; {hint}"
                    )
        outcome = numbers.get(str(entry.get("outcome")))
        if outcome and not _has_counts(outcome):
            line = lines.get(("numbers", name, "outcome"), 1)
            problems.append(
                f"{path}:{line}: numbers.{name}.outcome: '{entry['outcome']}' must have events and "
                "a denominator"
            )
    return problems


def _has_counts(outcome: dict[str, Any]) -> bool:
    """Whether a share has numerator and denominator; what is no share is told already."""
    if outcome["kind"] != "share":
        return True
    return bool(outcome["events"] and (outcome["n"] or outcome["among"]))
