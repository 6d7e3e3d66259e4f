"""`cohorts/<name>/published.yaml`: each number that a paper prints, as it is printed.

Numbers are texts, because `22.60` says more than 22.6. A number without a kind of its own is not
offered: what cannot be checked is better not typed.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, Field, ValidationError, model_validator

from calcinosis import printed, strict_yaml
from calcinosis.errors import InputError, nearest
from calcinosis.estimates import ANALYSES, FILES
from calcinosis.plan.messages import explain
from calcinosis.plan.section import Name, Section

PARTS_OF_ID = 10


def _number(text: str) -> str:
    printed.parse(text)
    return text


def _count(text: str) -> str:
    printed.count(text)
    return text


def _result_id(text: str) -> str:
    parts = text.split("/")
    if len(parts) != PARTS_OF_ID or parts[0] not in ANALYSES:
        raise ValueError(
            "write the result_id of one of our estimates, as estimates.csv has it, such as "
            "flow/-/-/overall/analysed/-/-/patients/count/-"
        )
    if parts[0] == "published":
        raise ValueError("a published number is compared with estimates, not with itself")
    return text


Number = Annotated[str, AfterValidator(_number)]
Count = Annotated[str, AfterValidator(_count)]
Limits = Annotated[list[Number], Field(min_length=2, max_length=2)]
ResultId = Annotated[str, AfterValidator(_result_id)]

_INTERVAL = "lower and upper limit of the 95 % interval"
_PERSONS = "id of the count of the patients who were followed"


class Entry(Section):
    """What every printed number has."""

    says: str = Field(min_length=1, description="what the number is, in the report's words")
    where: str = Field(min_length=1, description="where it is printed: abstract, table 2, ...")
    ours: ResultId | None = Field(
        default=None,
        description="`result_id` of the estimate that it is compared with; its other models and "
        "methods are tried too",
    )


class PrintedCount(Entry):
    """How many."""

    kind: Literal["count"] = Field(description="`count`")
    count: Count = Field(description="as printed")


class PrintedShare(Entry):
    """A share: of how many, how many, in per cent."""

    kind: Literal["share"] = Field(description="`share`")
    events: Count | None = Field(default=None, description="the numerator")
    n: Count | None = Field(default=None, description="the denominator that is printed beside it")
    among: Name | None = Field(
        default=None,
        description="id of the count, or of the share whose numerator, that is the denominator "
        "where none is printed beside it",
    )
    percent: Number | None = Field(default=None, description="without the sign %")
    interval: Limits | None = Field(default=None, description=f"{_INTERVAL}, in per cent")
    unit: str = Field(default="patients", min_length=1, description="of what it is a share")

    @model_validator(mode="after")
    def _says_a_number(self) -> "PrintedShare":
        if self.events is None and self.percent is None:
            raise ValueError("write events, percent, or both")
        if self.n is not None and self.among is not None:
            raise ValueError("write n, which stands beside the number, or among, not both")
        return self


class PrintedRate(Entry):
    """A rate: events per person-years."""

    kind: Literal["rate"] = Field(description="`rate`")
    rate: Number = Field(description="as printed")
    per: Count = Field(description="person-years that it is per, such as 100")
    events: Count | None = Field(default=None, description="the events")
    person_years: Number | None = Field(default=None, description="their denominator")
    interval: Limits | None = Field(default=None, description=_INTERVAL)
    persons: Name | None = Field(default=None, description=_PERSONS)
    follow_up: Name | None = Field(
        default=None, description="id of the summary of the years that they were followed"
    )

    @model_validator(mode="after")
    def _per_something(self) -> "PrintedRate":
        if printed.count(self.per) == 0:
            raise ValueError("per must be above 0")
        if (self.persons is None) != (self.follow_up is None):
            raise ValueError("persons and follow_up go together")
        return self


class PrintedRatio(Entry):
    """A ratio of odds, risks, rates or hazards."""

    kind: Literal["ratio"] = Field(description="`ratio`")
    measure: Literal["odds_ratio", "risk_ratio", "rate_ratio", "hazard_ratio"] = Field(
        description="of what"
    )
    value: Number = Field(description="as printed")
    of: Literal["number", "category"] = Field(
        description="a ratio per step of a number, or between two categories"
    )
    per: str | None = Field(
        default=None, min_length=1, description="the step that is printed, such as 10 years"
    )
    interval: Limits | None = Field(default=None, description=_INTERVAL)
    p: Number | None = Field(default=None, description="the p-value, such as .029 or <0.001")
    test: Literal["wald", "likelihood_ratio", "exact", "profile", "not_stated"] = Field(
        default="not_stated",
        description="how interval and p-value were made; p is held against the interval, and the "
        "interval must be symmetric on the log scale, only where this is `wald`",
    )


class PrintedSummary(Entry):
    """A mean or median and its spread."""

    kind: Literal["summary"] = Field(description="`summary`")
    statistic: Literal["mean", "median"] = Field(description="what it is called")
    value: Number = Field(description="as printed")
    unit: str | None = Field(default=None, min_length=1, description="such as years")
    plus_minus: Number | None = Field(default=None, description="what stands behind ±")
    quartiles: Limits | None = Field(default=None, description="first and third quartile")
    range: Limits | None = Field(default=None, description="least and greatest value")


class PrintedTest(Entry):
    """A p-value between numbers that are printed."""

    kind: Literal["test"] = Field(description="`test`")
    p: Number = Field(description="the p-value, such as .004 or <0.001")
    between: list[Name] = Field(min_length=2, description="ids of what is compared")


class PrintedModel(Entry):
    """A regression model for a yes/no outcome: what it counts on."""

    kind: Literal["model"] = Field(description="`model`")
    measure: Literal["odds_ratio", "risk_ratio", "rate_ratio", "hazard_ratio"] = Field(
        description="how associations are expressed"
    )
    outcome: Name = Field(description="id of the share that has the outcome, with its events")
    covariates: Count = Field(description="how many parameters it has, without the intercept")


class PrintedParts(Entry):
    """Shares that add up, because nobody is in two of them."""

    kind: Literal["parts"] = Field(description="`parts`")
    parts: list[Name] = Field(min_length=2, description="ids of shares")
    exclusive: Literal[True] = Field(
        description="`true`: shares that overlap do not add up, and have no such entry"
    )
    exhaustive: bool = Field(default=False, description="whether together they are all")


KINDS: dict[str, type[Entry]] = {
    "count": PrintedCount,
    "share": PrintedShare,
    "rate": PrintedRate,
    "ratio": PrintedRatio,
    "summary": PrintedSummary,
    "test": PrintedTest,
    "model": PrintedModel,
    "parts": PrintedParts,
}
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
        if outcome and not (outcome["events"] and (outcome["n"] or outcome["among"])):
            line = lines.get(("numbers", name, "outcome"), 1)
            problems.append(
                f"{path}:{line}: numbers.{name}.outcome: '{entry['outcome']}' must have events and "
                "a denominator"
            )
    return problems
