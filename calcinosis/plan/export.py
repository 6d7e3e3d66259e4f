"""Sections of the plan about the study and its export: what comes before any analysis."""

import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from calcinosis.plan.section import Name, Section, once

FIRST_BUDDHIST_YEAR = 2400
"""Such years are never of the common era."""


class About(Section):
    """What the study is; the cover of the report."""

    title: str = Field(description="title of the report")
    citation: str = Field(description="whom to cite for the design or the data")
    simulated: bool = Field(description="true stands on every page as 'simulated data'")
    form: Literal["cohort", "cross_sectional", "trial"] = Field(
        description="study form (STROBE, CONSORT)"
    )


class Place(Section):
    """Which reading a field of a wide form holds; what is absent stands in a field of its own."""

    side: Name | None = Field(default=None, description="level of `side`")
    region: Name | None = Field(default=None, description="level of `region`")
    reader: Name | None = Field(default=None, description="level of `reader`")


class Films(Section):
    """Rows of a REDCap export that are films, and the fields that hold their grades."""

    events: list[str] = Field(
        default=[], description="unique names of the events that are films, such as film_1_arm_1"
    )
    instrument: str | None = Field(
        default=None,
        description="repeating instrument of which each instance holds readings of a film",
    )
    date: str | None = Field(
        default=None, description="field of `film_date` here; default: the codebook's source"
    )
    grades: dict[str, Place] = Field(
        default={},
        description="form with a field per region: field with a grade, what it is the grade of",
    )


class Redcap(Section):
    """How a raw REDCap export is read: what the dictionary does not say of the project."""

    dictionary: list[str] = Field(
        min_length=1,
        description="data dictionaries, from the plan's own folder; several must agree",
    )
    event: str | None = Field(
        default=None, description="event at which patients are described; none in classic projects"
    )
    other_events: dict[Name, str] = Field(
        default={}, description="variable of patients: the event at which it is taken instead"
    )
    repeated_forms: list[str] = Field(
        default=[],
        description="forms that are filled in at several events; of all others, values at another "
        "event are queried",
    )
    films: list[Films] = Field(default=[], description="where the readings are")
    missing_codes: list[str] = Field(
        default=[], description="the project's codes for missing data, quoted, such as '-999'"
    )
    unopened_form: Literal["nothing_entered", "incomplete"] = Field(
        default="nothing_entered",
        description="when unchecked boxes are missing, not no: where nothing is entered in their "
        "form, or wherever the form is incomplete",
    )


class ExportFile(Section):
    """One file of a table: its name, or a mapping where it is written otherwise than the rest."""

    model_config = ConfigDict(json_schema_extra={"type": ["object", "string"]})

    file: str = Field(description="name of the file; its ending says what it is")
    sheet: str | None = Field(default=None, description="sheet of a workbook that has several")
    encoding: str | None = Field(default=None, description="encoding, such as cp874")
    delimiter: Literal[",", ";", "\t", "|"] | None = Field(
        default=None, description="between the fields"
    )

    @model_validator(mode="before")
    @classmethod
    def _may_be_a_name(cls, given: Any) -> Any:
        return {"file": given} if isinstance(given, str) else given


class Export(Section):
    """Where the export is and how its files are written."""

    path: str = Field(
        default=".", description="folder of the files, from the plan's own folder; may lie outside"
    )
    tables: dict[Name, Annotated[list[ExportFile], Field(min_length=1)]] = Field(
        min_length=1,
        description="table of the codebook: the files that hold it, each a name or a mapping",
    )
    date: datetime.date | None = Field(
        default=None,
        description="day of the export; later dates are queried (never the clock); required "
        "where the codebook has dates",
    )
    encoding: str = Field(default="utf-8", description="encoding of the files, such as cp874")
    delimiter: Literal["sniffed", ",", ";", "\t", "|"] = Field(
        default="sniffed",
        description="between the fields; sniffed: the one that splits every row equally",
    )
    redcap: Redcap | None = Field(
        default=None, description="the files are raw exports of REDCap (docs/redcap.md)"
    )

    @field_validator("date")
    @classmethod
    def _is_of_the_common_era(cls, day: datetime.date | None) -> datetime.date | None:
        if day and day.year >= FIRST_BUDDHIST_YEAR:
            raise ValueError(f"write the year of the common era, {day.year - 543}")
        return day

    @model_validator(mode="after")
    def _knows_the_films(self) -> "Export":
        if self.redcap and ("readings" in self.tables) != bool(self.redcap.films):
            raise ValueError("redcap.films says where the table readings is; name both or neither")
        return self


class Rule(Section):
    """One check beyond the codebook: what must hold, of which table, and what a failure does."""

    id: Name = Field(description="its name in queries and counts, such as film_after_birth")
    kind: Literal["required", "allowed", "comparison", "sum", "range"] = Field(
        description="required: `variable` is known where `when` holds; allowed: it is one of "
        "`one_of`, or missing, where `when` holds; comparison: it is `operator` `other`; sum: it "
        "is the sum of `items`; range: it is from `at_least` to `at_most` where `when` holds"
    )
    table: Literal["patients", "readings"] = Field(
        default="patients",
        description="whose rows are checked; variables are of this table or of the row's patient",
    )
    variable: Name = Field(description="the variable that is asked about")
    when: dict[Name, list[str]] = Field(
        default={}, description="variable: the levels of it at which the rule applies"
    )
    one_of: list[str] = Field(default=[], description="levels that are allowed; empty: none")
    operator: Literal["below", "at_most", "equal", "at_least", "above"] | None = Field(
        default=None, description="how numbers or dates compare; of dates below is before"
    )
    other: Name | None = Field(default=None, description="what it is compared with")
    items: list[Name] = Field(default=[], description="the parts of a sum")
    tolerance: float = Field(default=0, ge=0, description="how far a sum may be off")
    at_least: float | None = Field(default=None, description="the lowest of a range")
    at_most: float | None = Field(default=None, description="the highest of a range")
    severity: Literal["query", "warning"] = Field(
        default="query", description="a query blanks what `blank` names; a warning only asks"
    )
    blank: list[Name] = Field(
        default=[],
        description="variables of the table that count as missing until the query is answered; a "
        "reading without its film date leaves",
    )
    source: str = Field(default="", description="where the rule comes from")

    @model_validator(mode="after")
    def _says_what_its_kind_needs(self) -> "Rule":
        given = {
            "when": bool(self.when),
            "one_of": bool(self.one_of),
            "operator": self.operator is not None,
            "other": self.other is not None,
            "items": bool(self.items),
            "tolerance": self.tolerance != 0,
            "at_least": self.at_least is not None,
            "at_most": self.at_most is not None,
        }
        needed, possible = _KEYS_OF_RULE[self.kind]
        for key in needed:
            if not given[key]:
                raise ValueError(f"a rule of kind {self.kind} needs {key}")
        for key, is_given in given.items():
            if is_given and key not in needed + possible:
                raise ValueError(f"a rule of kind {self.kind} has no {key}")
        if self.kind == "range" and not (given["at_least"] or given["at_most"]):
            raise ValueError("a rule of kind range needs at_least or at_most")
        blanks = self.severity == "query" and self.kind != "required"
        if blanks != bool(self.blank):
            raise ValueError(
                "a query needs blank: the variables that count as missing until it is answered"
                if blanks
                else "a warning, and a rule of kind required, blank nothing"
            )
        return self


_KEYS_OF_RULE: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "required": (("when",), ()),
    "allowed": (("when",), ("one_of",)),
    "comparison": (("operator", "other"), ()),
    "sum": (("items",), ("tolerance",)),
    "range": ((), ("at_least", "at_most", "when")),
}
"""What a rule of each kind needs and may have."""


class Cleaning(Section):
    """What cleaning does beyond the codebook; everything it finds is asked about and counted."""

    partial_dates: Literal["query", "impute"] = Field(
        default="query",
        description="a date without day or month is a query, or becomes the middle of the days "
        "that it may be, with `<variable>_imputed` (no, yes) beside it",
    )
    same_person: list[list[Name]] = Field(
        default=[],
        description="lists of variables of patients, identifiers too: two patients who agree in "
        "all of one list are asked about; no value is shown",
    )
    rules: list[Rule] = Field(default=[], description="rules; all look at the data as exported")

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> "Cleaning":
        once([rule.id for rule in self.rules], "rules")
        return self
