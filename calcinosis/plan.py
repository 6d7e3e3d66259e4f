"""The plan of a cohort, `cohorts/<name>/cohort.yaml`: its one typed source.

The classes below are the plan. The JSON schema that editors use (`workflow/schemas/`) and the
reference page (`docs/plan.md`) are generated from them (`calcinosis.plan_pages`). A section is here
only when a rule serves it; any other key stops the run.
"""

import datetime
import json
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from calcinosis import strict_yaml
from calcinosis.errors import InputError, nearest

_NAME = r"^[a-z0-9][a-z0-9_.-]*$"
Name = Annotated[str, Field(pattern=_NAME)]


OF_FILMS = ("progression", "progression_2_levels")
"""Outcomes that come from comparing films."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _once(names: list[str], key: str) -> None:
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{key}: '{name}' stands twice")


class About(_Section):
    """What the study is; the cover of the report."""

    title: str = Field(description="title of the report")
    citation: str = Field(description="whom to cite for the design or the data")
    simulated: bool = Field(description="true stands on every page as 'simulated data'")
    form: Literal["cohort", "cross_sectional", "trial"] = Field(
        description="study form (STROBE, CONSORT)"
    )


class Place(_Section):
    """Which reading a field of a wide form holds; what is absent stands in a field of its own."""

    side: Name | None = Field(default=None, description="level of `side`")
    region: Name | None = Field(default=None, description="level of `region`")
    reader: Name | None = Field(default=None, description="level of `reader`")


class Films(_Section):
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


class Redcap(_Section):
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


class ExportFile(_Section):
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


class Export(_Section):
    """Where the export is and how its files are written."""

    path: str = Field(
        default=".", description="folder of the files, from the plan's own folder; may lie outside"
    )
    tables: dict[Name, list[ExportFile]] = Field(
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

    @model_validator(mode="after")
    def _knows_the_films(self) -> "Export":
        if self.redcap and ("readings" in self.tables) != bool(self.redcap.films):
            raise ValueError("redcap.films says where the table readings is; name both or neither")
        return self


class Rule(_Section):
    """One check beyond the codebook: what must hold, of which table, and what a failure does."""

    id: Name = Field(description="its name in queries and counts, such as film_after_birth")
    kind: Literal["required", "allowed", "comparison", "sum"] = Field(
        description="required: `variable` is known where `when` holds; allowed: it is one of "
        "`one_of`, or missing, where `when` holds; comparison: it is `operator` `other`; sum: it "
        "is the sum of `items`"
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
        }
        needed, possible = _KEYS_OF_RULE[self.kind]
        for key in needed:
            if not given[key]:
                raise ValueError(f"a rule of kind {self.kind} needs {key}")
        for key, is_given in given.items():
            if is_given and key not in needed + possible:
                raise ValueError(f"a rule of kind {self.kind} has no {key}")
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
}
"""What a rule of each kind needs and may have."""


class Cleaning(_Section):
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
        _once([rule.id for rule in self.rules], "rules")
        return self


class Criterion(_Section):
    """One eligibility criterion; patients who fail it leave the analysis, and the flow says so."""

    name: Name = Field(description="its name in the estimates, such as early_disease")
    variable: Name = Field(description="variable of the patients table")
    at_least: float | None = Field(default=None, description="lowest value that is in")
    below: float | None = Field(default=None, description="first value that is out")
    one_of: list[str] | None = Field(default=None, description="levels that are in")
    missing: Literal["exclude", "include"] = Field(description="what a missing value does")
    source: str = Field(default="", description="where the criterion comes from")

    @model_validator(mode="after")
    def _has_a_bound(self) -> "Criterion":
        if self.at_least is None and self.below is None and not self.one_of:
            raise ValueError("needs one of at_least, below, one_of")
        return self


class Eligibility(_Section):
    """Who is in, in this order; each step is a line of the participant flow."""

    classification: Literal["acr_eular_2013"] | None = Field(
        default=None,
        description="score the 2013 ACR/EULAR criteria from their items, as the variable "
        "`acr_eular_2013` (meets, does_not_meet; missing where indeterminate) for a criterion",
    )
    criteria: list[Criterion] = Field(default=[], description="criteria, in order")

    @model_validator(mode="after")
    def _names_each_criterion_once(self) -> "Eligibility":
        _once([criterion.name for criterion in self.criteria], "criteria")
        return self


class Describe(_Section):
    """Table 1: the patients by group."""

    by: Name = Field(description="grouping variable, a category")
    variables: list[Name] = Field(min_length=1, description="variables in the order of the table")
    numbers: Literal["mean_sd", "median_quartiles"] = Field(
        default="median_quartiles", description="how numbers are summarised"
    )

    @model_validator(mode="after")
    def _names_each_variable_once(self) -> "Describe":
        _once(self.variables, "variables")
        return self


class Severity(_Section):
    """How films become grades and pairs of films become progression."""

    comparison: Literal["first_last", "consecutive"] = Field(
        description="first film against last, or each against what was read before it; with "
        "`consecutive`, rows stop after a patient's first worsening"
    )
    one_film: Literal["exclude"] = Field(
        description="patients with one film cannot be compared: they leave; the flow counts them"
    )
    unread_regions: Literal["paired", "ignored"] = Field(
        description="paired: a patient's grade uses the regions read on both films that are "
        "compared; ignored: it uses what was read on each; an unread region is never grade 0"
    )
    worsening: Literal["patient_maximum", "any_region", "global_grade"] = Field(
        description="progression is a rise of the patient's maximum, a rise in any region, or a "
        "rise of the reader's grade of the whole film (region `global`); the report gives all that "
        "the readings allow side by side"
    )
    improvement: Literal["not_progression", "exclude"] = Field(
        description="what a fall of the patient's maximum means"
    )
    worst_grade_at_baseline: Literal["at_risk", "not_at_risk"] = Field(
        default="not_at_risk",
        description="whether patients without room to worsen at the start count in the headline "
        "and in the models; the estimates give both",
    )
    source: str = Field(default="", description="where this definition comes from")


class Readers(_Section):
    """How the films were read, and what counts where two readers differ."""

    disagreement: Literal["highest", "lowest", "primary"] = Field(
        description="which grade counts where readers differ on a region of one film; where they "
        "agreed on a grade afterwards, that is a reader of its own and `primary`"
    )
    primary: Name | None = Field(default=None, description="the reader whose grade is `primary`")
    blinded: Literal["yes", "no", "not_stated"] = Field(
        description="whether readers were blinded to the patient and to time"
    )
    order: Literal["side_by_side", "chronological", "random", "not_stated"] = Field(
        description="in which order the films of one patient were read"
    )

    @model_validator(mode="after")
    def _names_the_primary(self) -> "Readers":
        if self.disagreement == "primary" and self.primary is None:
            raise ValueError("disagreement: primary needs primary: the name of a reader")
        return self


class Misclassification(_Section):
    """Progression corrected for errors of reading that are taken as known."""

    sensitivity: float = Field(gt=0, le=1, description="share found of those who progressed")
    specificity: float = Field(gt=0, le=1, description="share without of those who did not")
    source: str = Field(description="where the two come from")

    @model_validator(mode="after")
    def _tells_something(self) -> "Misclassification":
        if self.sensitivity + self.specificity <= 1:
            raise ValueError("sensitivity and specificity must add up to more than 1")
        return self


class Agreement(_Section):
    """How far readers agree on the same films."""

    published_kappas: dict[Name, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default={},
        description="name, such as inter_reader: a kappa of others; what shares of false worsening "
        "it allows at the grades of this cohort, a what-if and no estimate",
    )
    source: str = Field(default="", description="where the kappas come from")


class Sctc(_Section):
    """Score from coverage and density of each region, and progression by its change."""

    weights: dict[Name, Annotated[float, Field(ge=0)]] = Field(
        min_length=1, description="region: its weight"
    )
    confirmed: bool = Field(
        description="whether somebody has checked the weights against their source; where false, "
        "the report says that they are unverified"
    )
    source: str = Field(description="where the weights come from")


class Covariate(_Section):
    """How a variable enters the models: per a stated unit, above a cut, or against a reference."""

    variable: Name | None = Field(default=None, description="variable; default: the key itself")
    per: float | None = Field(
        default=None, gt=0, description="unit of change of a number or a grade"
    )
    at_least: float | None = Field(default=None, description="cut: yes from this value on")
    reference: str | None = Field(default=None, description="reference level of a category")

    @model_validator(mode="after")
    def _states_one(self) -> "Covariate":
        if sum(value is not None for value in (self.per, self.at_least, self.reference)) != 1:
            raise ValueError("needs exactly one of per (unit of change), at_least (cut), reference")
        return self


class Incidence(_Section):
    """Incidence rates; every estimator is computed, one is the headline."""

    headline: Literal["full_interval", "midpoint", "interval_censored"] = Field(
        default="interval_censored", description="the rate that the key findings quote"
    )
    per: int = Field(default=100, gt=0, description="person-years in the unit of the rate")
    intervals: list[Literal["midp", "byar", "score"]] = Field(
        default=[], description="intervals of the rates beside log-normal and exact"
    )
    by: list[Name] = Field(
        default=[],
        description="variables whose levels' rates are compared; of grades also the trend",
    )
    covariates: dict[Name, Covariate] = Field(
        default={}, description="covariates of hazard ratios, each alone and all together"
    )
    horizon: float | None = Field(
        default=None, gt=0, description="years at which risks are given and compared"
    )
    competing: str = Field(
        default="", description="what death and transplantation do to the films; the methods say it"
    )
    source: str = Field(default="", description="where the choice comes from")

    @model_validator(mode="after")
    def _names_each_once(self) -> "Incidence":
        _once(self.by, "by")
        _once(list(self.intervals), "intervals")
        return self


class Models(_Section):
    """Logistic regression: each covariate alone, and the named ones together."""

    outcome: Name = Field(
        description="progression (by one level or more), progression_2_levels, or a yes/no variable"
    )
    estimator: Literal["maximum_likelihood", "firth"] = Field(
        default="maximum_likelihood",
        description="where maximum likelihood meets separation, Firth's estimate is given and said",
    )
    covariates: dict[Name, Covariate] = Field(
        min_length=1, description="the covariates, in the order of the table"
    )
    multivariable: list[Name] = Field(
        min_length=1, description="the covariates that are adjusted for each other"
    )

    @model_validator(mode="after")
    def _adjusts_for_known_covariates(self) -> "Models":
        for name in self.multivariable:
            _once(self.multivariable, "multivariable")
            if name not in self.covariates:
                raise ValueError(f"multivariable: '{name}': {nearest(name, self.covariates)}")
        return self


class Centres(_Section):
    """How the models treat centres."""

    variable: Name = Field(default="centre", description="the variable that names the centre")
    fixed_effect: bool = Field(
        description="whether the multivariable model has a parameter for each centre"
    )
    gee: bool = Field(
        description="whether generalised estimating equations stand beside it (exchangeable "
        "correlation, bias-reduced standard errors, t with centres minus parameters)"
    )


class BoneDensity(_Section):
    """T-scores by group, and who had densitometry."""

    sites: list[Name] = Field(min_length=1, description="variables with the T-score of each site")
    use: Literal["lowest"] | Name = Field(
        description="the T-score that is compared: the lowest of the sites, or one of them"
    )
    by: Name = Field(description="grouping variable, a category with two levels")
    selection: list[Name] = Field(
        default=[], description="variables that compare who had densitometry and who had not"
    )
    source: str = Field(default="", description="where the choice comes from")

    @model_validator(mode="after")
    def _uses_a_known_site(self) -> "BoneDensity":
        _once(self.selection, "selection")
        _once(self.sites, "sites")
        if self.use != "lowest" and self.use not in self.sites:
            raise ValueError(f"use: '{self.use}': {nearest(self.use, ['lowest', *self.sites])}")
        return self


class Disability(_Section):
    """Disability (HAQ-DI) and hand function (Cochin), scored from items, by group."""

    scores: list[Literal["haq_di", "cochin"]] = Field(min_length=1, description="what is scored")
    aids: bool = Field(description="whether aids, devices and help raise a HAQ category to 2")
    by: list[Name] = Field(
        min_length=1,
        description="grouping variables: categories, or `location_class` where lesions are given",
    )


class Lesions(_Section):
    """Where lesions are, and their complications; every denominator is named."""

    sites: dict[Name, list[Name]] = Field(
        min_length=1,
        description="site, in order: the yes/no variables of it (right and left); each yes is one "
        "lesion",
    )
    fingers: list[Name] = Field(
        min_length=1,
        description="the sites that are fingers and thumbs; with them a patient's `location_class` "
        "is none, fingers_only, fingers_and_beyond or beyond_only",
    )
    among: Name = Field(description="the yes/no variable that has lesions, such as calcinosis")
    complications: list[Name] = Field(default=[], description="yes/no variables")

    @model_validator(mode="after")
    def _fingers_are_sites(self) -> "Lesions":
        _once(self.complications, "complications")
        for name in self.fingers:
            if name not in self.sites:
                raise ValueError(f"fingers: '{name}': {nearest(name, self.sites)}")
        return self


class Report(_Section):
    """Words of the report; nothing here changes an estimate."""

    finding: str = Field(default="calcinosis", description="what is graded")
    observation: str = Field(default="radiograph", description="what one film is called")
    observations: str = Field(default="radiographs", description="its plural")
    labels: dict[Name, str] = Field(
        default={}, description="variable or level: the label that replaces the codebook's"
    )


class Plan(_Section):
    """One cohort and its analyses; a section that is absent is an analysis that is not run."""

    about: About
    export: Export
    cleaning: Cleaning = Cleaning()
    definitions: dict[Name, list[Name]] = Field(
        default={},
        description="new yes/no variable: the yes/no variables of which any makes it yes; it is no "
        "only when all are known to be no",
    )
    eligibility: Eligibility
    describe: Describe | None = None
    severity: Severity | None = None
    readers: Readers | None = None
    agreement: Agreement | None = None
    misclassification: Misclassification | None = None
    sctc: Sctc | None = None
    incidence: Incidence | None = None
    models: Models | None = None
    centres: Centres | None = None
    bone_density: BoneDensity | None = None
    disability: Disability | None = None
    lesions: Lesions | None = None
    report: Report = Report()

    @model_validator(mode="after")
    def _severity_comes_first(self) -> "Plan":
        if self.severity is None and self.incidence:
            raise ValueError("incidence needs the section severity")
        for name in ("agreement", "misclassification", "sctc"):
            if self.severity is None and getattr(self, name):
                raise ValueError(f"{name} needs the section severity")
        if self.models and self.severity is None and self.models.outcome in OF_FILMS:
            raise ValueError(f"the outcome {self.models.outcome} needs the section severity")
        if self.centres and not self.models:
            raise ValueError("centres needs the section models")
        if self.severity is not None and self.readers is None:
            raise ValueError("severity needs the section readers (disagreement, blinded, order)")
        return self


class Run(_Section):
    """`config.yaml`: which cohorts this run makes."""

    name: Name = Field(default="main", description="name of the run; index and verdict carry it")
    cohorts: list[str] = Field(description="the cohort files")

    @property
    def suffix(self) -> str:
        """What the files that are not of one cohort carry in their names."""
        return "" if self.name == "main" else f"_{self.name}"


def read_plan(path: str | Path) -> Plan:
    """Read and check one `cohort.yaml`.

    Raises
    ------
    InputError
        Unknown or duplicate keys, wrong types, values that are not offered: all problems at once,
        each with file, line, key and the nearest valid key.
    """
    content, lines = strict_yaml.load(path)
    try:
        return Plan.model_validate_json(json.dumps(content))
    except ValidationError as error:
        raise InputError(_explain(error, Plan, str(path), lines)) from None


def read_run(config: dict[str, Any], path: str) -> Run:
    """Check the engine's configuration, which Snakemake has read from `path`.

    Raises
    ------
    InputError
        A key is not that of the schema, a file other than `config.yaml` does not name its run, or
        two cohorts have one name.
    """
    content, lines = strict_yaml.load(path)
    try:
        run = Run.model_validate(config)
    except ValidationError as error:
        raise InputError(_explain(error, Run, path, lines)) from None
    if Path(path).name != "config.yaml" and "name" not in content:
        raise InputError(
            f"{path}:1: 'name' is missing: without it this run would overwrite results/index.html "
            "of config.yaml. Add a line such as name: second"
        )
    named: dict[str, str] = {}
    for i, plan_file in enumerate(run.cohorts):
        name, line = cohort_name(plan_file), lines.get(("cohorts", i), 1)
        if not re.fullmatch(_NAME, name) or name == "logs":
            raise InputError(
                f"{path}:{line}: the folder '{name}' gives the cohort its name, which must be a-z, "
                "0-9, '_', '.', '-', begin with a letter or digit, and not be 'logs'; rename it"
            )
        if named.get(name) == plan_file:
            raise InputError(f"{path}:{line}: {plan_file} stands twice; delete one of the lines")
        if name in named:
            raise InputError(
                f"{path}:{line}: {plan_file} and {named[name]} are both called '{name}', and "
                f"results/{name}/ holds one cohort; rename one of the folders"
            )
        named[name] = plan_file
    return run


def cohort_name(path: str | Path) -> str:
    """The cohort's name: the folder of its plan."""
    return Path(path).resolve().parent.name


def _explain(
    error: ValidationError,
    model: type[BaseModel],
    path: str,
    lines: dict[strict_yaml.Location, int],
) -> str:
    problems = []
    for problem in error.errors():
        at = problem["loc"]
        known = at
        while known and known not in lines:
            known = known[:-1]
        key = ".".join(str(part) for part in at) or "the plan"
        if problem["type"] == "extra_forbidden":
            said = f"unknown key '{key}': {nearest(str(at[-1]), _keys(model, at[:-1]))}"
        elif problem["type"] == "missing":
            said = f"'{key}' is missing and has no default"
        else:
            found = problem["input"]
            shown = f" (found: {found!r})" if isinstance(found, str | int | float | bool) else ""
            said = f"{key}: {problem['msg'].removeprefix('Value error, ')}{shown}"
        problems.append(f"{path}:{lines.get(known, 1)}: {said}")
    return "\n".join(problems)


def _keys(model: type[BaseModel], at: tuple[str | int, ...]) -> list[str]:
    """The keys that are valid at a place of the plan."""
    schema = model.model_json_schema()
    here = schema
    for part in at:
        here = _resolve(here, schema)
        here = (
            here.get("properties", {}).get(part)
            or next(iter(here.get("patternProperties", {}).values()), None)
            or here.get("additionalProperties")
            or here.get("items", {})
        )
    return sorted(_resolve(here, schema).get("properties", {}))


def _resolve(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    options = [option for option in node.get("anyOf", [node]) if option.get("type") != "null"]
    node = options[0]
    reference = node.get("$ref") or next((o["$ref"] for o in node.get("allOf", [])), None)
    return schema["$defs"][reference.rsplit("/", 1)[1]] if reference else node
