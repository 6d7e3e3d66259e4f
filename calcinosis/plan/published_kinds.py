"""The kinds of numbers that papers print, as `published.yaml` holds them.

Numbers are texts, because `22.60` says more than 22.6. A number without a kind of its own is not
offered: what cannot be checked is better not typed.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from calcinosis import printed
from calcinosis.estimates import ANALYSES
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
        description="how interval and p-value were made: only where this is `wald` is p held "
        "against the interval, and an interval that is not symmetric on the log scale an error; "
        "where it is not stated, that is a note",
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
