"""The plan of a cohort, `cohorts/<name>/cohort.yaml`: its one typed source.

The classes here and in the modules beside are the plan. The JSON schema that editors use
(`workflow/schemas/`) and the reference page (`docs/plan.md`) are generated from them
(`calcinosis.plan_pages`). A section is here only when a rule serves it; any other key stops the
run.
"""

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError, model_validator

from calcinosis import strict_yaml
from calcinosis.errors import InputError, nearest
from calcinosis.plan.analyses import (
    Centres,
    Describe,
    Eligibility,
    ModelCovariate,
    Models,
    Report,
)
from calcinosis.plan.bone_density import BoneDensity
from calcinosis.plan.by_centre import ByCentre
from calcinosis.plan.disability import Disability
from calcinosis.plan.export import About, Cleaning, Export
from calcinosis.plan.films import (
    OF_FILMS,
    Agreement,
    Incidence,
    Misclassification,
    Readers,
    Sctc,
    Severity,
)
from calcinosis.plan.lesions import Lesions
from calcinosis.plan.messages import explain
from calcinosis.plan.missing_data import MissingData
from calcinosis.plan.outcomes import LAST_GRADE, Ordinal, Risks
from calcinosis.plan.scores import Definition, Total
from calcinosis.plan.section import NAME, Name, Section
from calcinosis.plan.validation import Multiplicity, Validation


class Plan(Section):
    """One cohort and its analyses; a section that is absent is an analysis that is not run."""

    about: About
    export: Export
    cleaning: Cleaning = Cleaning()
    definitions: dict[Name, Definition] = Field(
        default={},
        description="new yes/no variable: the yes/no variables of which any makes it yes; it is no "
        "only when all are known to be no. `<name>_count` is the number of them",
    )
    totals: dict[Name, Total] = Field(
        default={}, description="new number: the items that it is the sum of"
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
    risks: Risks | None = None
    ordinal: Ordinal | None = None
    missing_data: MissingData | None = None
    validation: Validation | None = None
    multiplicity: Multiplicity | None = None
    bone_density: BoneDensity | None = None
    disability: Disability | None = None
    lesions: Lesions | None = None
    by_centre: ByCentre | None = None
    published: str | None = Field(
        default=None,
        min_length=1,
        description="file with the numbers that a paper prints, such as `published.yaml`, from the "
        "plan's own folder; see `docs/published.md`",
    )
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
        for name in ("centres", "validation", "multiplicity", "risks", "missing_data"):
            if self.models is None and getattr(self, name):
                raise ValueError(f"{name} needs the section models")
        if self.severity is not None and self.readers is None:
            raise ValueError("severity needs the section readers (disagreement, blinded, order)")
        return self

    @model_validator(mode="after")
    def _adjusts_for_covariates_of_models(self) -> "Plan":
        bones, disability = self.bone_density, self.disability
        if bones and bones.adjust:
            self._adjusts("bone_density", bones.adjust, ["t_score", bones.by, *bones.sites])
        if disability and disability.adjust:
            self._adjusts("disability", disability.adjust, disability.scores)
        return self

    def _adjusts(self, section: str, names: Sequence[str], compared: Sequence[str]) -> None:
        for name, covariate in self._of_models(section, "adjust", names).items():
            if not {name, covariate.variable}.isdisjoint(compared):
                raise ValueError(f"{section}: adjust: '{name}' is what is compared")

    def _of_models(self, section: str, key: str, names: Sequence[str]) -> dict[str, ModelCovariate]:
        """The covariates of models that another section takes by name."""
        if self.models is None:
            raise ValueError(f"{section} needs the section models, whose covariates it takes")
        for name in names:
            if name not in self.models.covariates:
                hint = nearest(name, self.models.covariates)
                of = "models.covariates, whose names it takes"
                raise ValueError(f"{section}: {key}: '{name}': {hint} ({of})")
            for part in self.models.covariates[name].interaction or ():
                if part not in names:
                    raise ValueError(f"{section}: {key}: '{name}' needs '{part}' beside it")
        return {name: self.models.covariates[name] for name in names}

    @model_validator(mode="after")
    def _ordinal_takes_covariates_of_models(self) -> "Plan":
        if self.ordinal is None:
            return self
        of_models = self._of_models("ordinal", "covariates", self.ordinal.covariates)
        if self.ordinal.outcome == LAST_GRADE:
            if self.severity is None:
                raise ValueError(f"the outcome {LAST_GRADE} needs the section severity")
            used = [covariate.variable or name for name, covariate in of_models.items()]
            if "baseline_grade" not in used:
                raise ValueError(
                    f"ordinal: {LAST_GRADE} without baseline_grade among its covariates would "
                    "compare where patients began, not how they went on"
                )
        return self


class Run(Section):
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
        raise InputError(explain(error, Plan, str(path), lines)) from None


def read_run(config: dict[str, Any], path: str) -> Run:
    """Check the engine's configuration, which Snakemake has read from `path`.

    Raises
    ------
    InputError
        A key is not that of the schema, a file other than `config.yaml` does not name its run, two
        cohorts have one name, or a cohort file is not there.
    """
    content, lines = strict_yaml.load(path)
    try:
        run = Run.model_validate(config)
    except ValidationError as error:
        raise InputError(explain(error, Run, path, lines)) from None
    if Path(path).name != "config.yaml" and "name" not in content:
        raise InputError(
            f"{path}:1: 'name' is missing: without it this run would overwrite results/index.html "
            "of config.yaml. Add a line such as name: second"
        )
    named: dict[str, str] = {}
    for i, plan_file in enumerate(run.cohorts):
        name, line = cohort_name(plan_file), lines.get(("cohorts", i), 1)
        if not re.fullmatch(NAME, name) or name in ("logs", "made"):
            raise InputError(
                f"{path}:{line}: the folder '{name}' gives the cohort its name, which must be a-z, "
                "0-9, '_', '.', '-', begin with a letter or digit, and not be 'logs' or 'made'; "
                "rename it"
            )
        if named.get(name) == plan_file:
            raise InputError(f"{path}:{line}: {plan_file} stands twice; delete one of the lines")
        if name in named:
            raise InputError(
                f"{path}:{line}: {plan_file} and {named[name]} are both called '{name}', and "
                f"results/{name}/ holds one cohort; rename one of the folders"
            )
        named[name] = plan_file
    there = sorted(str(found) for found in Path("cohorts").glob("*/cohort.yaml"))
    absent = [
        f"{path}:{lines.get(('cohorts', i), 1)}: there is no file {plan_file}: "
        + nearest(plan_file, there)
        for i, plan_file in enumerate(run.cohorts)
        if not Path(plan_file).is_file()
    ]
    if absent:
        raise InputError("\n".join(absent))
    return run


def cohort_name(path: str | Path) -> str:
    """The cohort's name: the folder of its plan."""
    return Path(path).resolve().parent.name
