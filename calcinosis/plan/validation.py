"""Sections of the plan about how far the models can be trusted."""

from typing import Literal

from pydantic import Field, model_validator

from calcinosis.plan.section import RESAMPLES, Section, once


class Validation(Section):
    """How well the multivariable model predicts, and on which patients it hangs."""

    bootstraps: int = Field(
        default=200,
        ge=0,
        multiple_of=RESAMPLES,
        description="resamples for the optimism, in hundreds; 0: none",
    )
    seed: int = Field(default=1, ge=0, description="of the resamples")
    groups: int = Field(
        default=10,
        ge=3,
        le=20,
        description="groups of risk of the calibration curve and of Hosmer and Lemeshow's test; "
        "fewer where one would have fewer than 10 patients",
    )


class Multiplicity(Section):
    """P-values adjusted for the number of tests (Holm; Benjamini and Hochberg)."""

    families: list[Literal["univariable", "multivariable"]] = Field(
        min_length=1, description="each is adjusted by itself: one test for each of its covariates"
    )

    @model_validator(mode="after")
    def _names_each_family_once(self) -> "Multiplicity":
        once(list(self.families), "families")
        return self
