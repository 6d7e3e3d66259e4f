"""Sections of the plan about patients: who is in, how they compare, and the words of the report."""

from typing import Literal

from pydantic import Field, model_validator

from calcinosis.errors import nearest
from calcinosis.plan.section import Name, Section, once

Summary = Literal["mean_sd", "median_quartiles"]


class Criterion(Section):
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


class Eligibility(Section):
    """Who is in, in this order; each step is a line of the participant flow."""

    classification: Literal["acr_eular_2013"] | None = Field(
        default=None,
        description="score the 2013 ACR/EULAR criteria from their items, as the variable "
        "`acr_eular_2013` (meets, does_not_meet; missing where indeterminate) for a criterion",
    )
    criteria: list[Criterion] = Field(default=[], description="criteria, in order")

    @model_validator(mode="after")
    def _names_each_criterion_once(self) -> "Eligibility":
        once([criterion.name for criterion in self.criteria], "criteria")
        return self


class Describe(Section):
    """Table 1: the patients by group."""

    by: Name = Field(description="grouping variable, a category")
    variables: list[Name] = Field(min_length=1, description="variables in the order of the table")
    numbers: Summary = Field(default="median_quartiles", description="how numbers are summarised")
    summaries: dict[Name, Summary] = Field(
        default={}, description="number of the table: its own summary, where it is not `numbers`"
    )
    proportion_intervals: bool = Field(
        default=False, description="whether shares are printed with their Wilson intervals"
    )
    tests: bool = Field(
        default=False,
        description="whether each variable is tested between the groups: Welch's t or analysis of "
        "variance where means are given, rank sums or Kruskal-Wallis where medians are; "
        "chi-squared, or an exact test where fewer than 5 patients are expected in a cell",
    )
    seed: int = Field(
        default=1, ge=0, description="of exact tests of tables too large to be enumerated"
    )

    @model_validator(mode="after")
    def _names_each_variable_once(self) -> "Describe":
        once(self.variables, "variables")
        for name in self.summaries:
            if name not in self.variables:
                raise ValueError(f"summaries: '{name}': {nearest(name, self.variables)}")
        return self

    def summary_of(self, variable: str) -> Summary:
        """How a number of the table is summarised."""
        return self.summaries.get(variable, self.numbers)


class Covariate(Section):
    """How a variable enters the models: per a stated unit, above a cut, or against a reference."""

    variable: Name | None = Field(default=None, description="variable; default: the key itself")
    per: float | None = Field(
        default=None, gt=0, description="unit of change of a number or a grade"
    )
    at_least: float | None = Field(default=None, description="cut: yes from this value on")
    reference: str | None = Field(default=None, description="reference level of a category")

    @model_validator(mode="after")
    def _states_one(self) -> "Covariate":
        forms = [name for name in type(self).model_fields if name != "variable"]
        if sum(getattr(self, name) is not None for name in forms) != 1:
            raise ValueError(f"needs exactly one of {', '.join(forms)}")
        return self


class ModelCovariate(Covariate):
    """How a variable enters the logistic models; also as a logarithm, a curve, or a product."""

    log: float | None = Field(
        default=None, gt=1, description="of a number above 0: the fold that is one unit, such as 2"
    )
    spline: Literal[3, 4, 5] | None = Field(
        default=None, description="knots of a restricted cubic spline of a number"
    )
    interaction: list[Name] | None = Field(
        default=None, min_length=2, max_length=2, description="two covariates that are multiplied"
    )


class Models(Section):
    """Logistic regression: each covariate alone, and the named ones together."""

    outcome: Name = Field(
        description="progression (by one level or more), progression_2_levels, or a yes/no variable"
    )
    estimator: Literal["maximum_likelihood", "firth"] = Field(
        default="maximum_likelihood",
        description="where maximum likelihood meets separation, Firth's estimate is given and said",
    )
    intervals: Literal["wald", "profile"] = Field(
        default="wald",
        description="intervals and tests of maximum likelihood: Wald's, or of the profile "
        "likelihood (Firth's are always of the penalised profile)",
    )
    events_per_parameter: int = Field(
        default=10,
        ge=1,
        description="the budget: patients in the smaller outcome class for each parameter, levels, "
        "curves and centres counted",
    )
    over_budget: Literal["firth", "refuse"] = Field(
        default="firth",
        description="what becomes of a model over the budget: Firth's estimate with maximum "
        "likelihood beside it, or none",
    )
    covariates: dict[Name, ModelCovariate] = Field(
        min_length=1, description="the covariates, in the order of the table"
    )
    multivariable: list[Name] = Field(
        min_length=1, description="the covariates that are adjusted for each other"
    )
    confounders: list[Name] = Field(
        default=[],
        description="those of the multivariable model that are in it for the sake of the others; "
        "the table says so, because their own odds ratios are not what the model is for",
    )

    @model_validator(mode="after")
    def _adjusts_for_known_covariates(self) -> "Models":
        once(self.multivariable, "multivariable")
        once(self.confounders, "confounders")
        for name in self.multivariable:
            if name not in self.covariates:
                raise ValueError(f"multivariable: '{name}': {nearest(name, self.covariates)}")
        for name in self.confounders:
            if name not in self.multivariable:
                raise ValueError(f"confounders: '{name}': {nearest(name, self.multivariable)}")
        return self

    @model_validator(mode="after")
    def _multiplies_covariates_that_stand_beside(self) -> "Models":
        for key, covariate in self.covariates.items():
            for name in covariate.interaction or ():
                at = f"covariates: {key}: interaction: '{name}'"
                if name not in self.covariates:
                    raise ValueError(f"{at}: {nearest(name, self.covariates)}")
                if self.covariates[name].interaction or self.covariates[name].spline:
                    raise ValueError(f"{at} is itself an interaction or a curve")
                if key in self.multivariable and name not in self.multivariable:
                    raise ValueError(f"{at} must be in multivariable beside {key}")
            if covariate.interaction and key not in self.multivariable:
                raise ValueError(f"covariates: {key}: an interaction must be in multivariable")
        return self


class Centres(Section):
    """How the models treat centres."""

    variable: Name = Field(default="centre", description="the variable that names the centre")
    fixed_effect: bool = Field(
        description="whether the multivariable model has a parameter for each centre"
    )
    gee: bool = Field(
        description="whether generalised estimating equations stand beside it (exchangeable "
        "correlation, bias-reduced standard errors, t with centres minus parameters)"
    )
    random_intercept: bool = Field(
        default=False,
        description="whether a model with a normal intercept for each centre stands beside it "
        "(adaptive quadrature with nine points)",
    )


class Report(Section):
    """Words of the report; nothing here changes an estimate."""

    finding: str = Field(default="calcinosis", description="what is graded")
    observation: str = Field(default="radiograph", description="what one film is called")
    observations: str = Field(default="radiographs", description="its plural")
    labels: dict[Name, str] = Field(
        default={}, description="variable or level: the label that replaces the codebook's"
    )
    numbers: Literal["plain", "jama", "lancet", "nejm", "decimal_comma"] = Field(
        default="plain",
        description="how p-values, decimals, intervals and thousands are written: for a journal, "
        "or with a decimal comma",
    )
    word_template: str | None = Field(
        default=None,
        description="a Word file (.docx) whose page, styles, header and footer tables.docx takes; "
        "from the plan's own folder",
    )
