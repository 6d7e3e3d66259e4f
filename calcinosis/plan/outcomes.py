"""Sections of the plan that say more of the outcome of the models than odds ratios do."""

from pydantic import Field, model_validator

from calcinosis.plan.section import RESAMPLES, Name, Section, once

LAST_GRADE = "last_grade"
"""The patient's grade at the last film, as an outcome."""


class Risks(Section):
    """Risk ratios and differences of the multivariable model, beside its odds ratios."""

    bootstraps: int = Field(
        default=1000,
        ge=RESAMPLES,
        multiple_of=RESAMPLES,
        description=f"resamples of the patients, drawn in jobs of {RESAMPLES} each",
    )
    seed: int = Field(default=1, ge=0, description="of the resamples")


class Ordinal(Section):
    """An ordered outcome, by proportional odds."""

    outcome: Name = Field(
        description="last_grade (the patient's grade at the last film), or an ordinal variable"
    )
    covariates: list[Name] = Field(
        min_length=1,
        description="covariates of models that are adjusted for each other; for last_grade "
        "baseline_grade is among them",
    )

    @model_validator(mode="after")
    def _names_each_once(self) -> "Ordinal":
        once(self.covariates, "covariates")
        return self
