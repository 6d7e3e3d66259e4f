"""Sections of the plan about films: grades, readers, scores and incidence."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from calcinosis.plan.analyses import Covariate
from calcinosis.plan.section import Name, Section, once

OF_FILMS = ("progression", "progression_2_levels")
"""Outcomes that come from comparing films."""


class Severity(Section):
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
        description="what a fall of the patient's grade means"
    )
    worst_grade_at_baseline: Literal["at_risk", "not_at_risk"] = Field(
        default="not_at_risk",
        description="whether patients without room to worsen at the start count in the headline "
        "and in the models; the estimates give both",
    )
    source: str = Field(default="", description="where this definition comes from")


class Readers(Section):
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


class Misclassification(Section):
    """Progression corrected for errors of reading that are taken as known."""

    sensitivity: float = Field(
        gt=0,
        le=1,
        description="of one comparison of two films: share found of those who progressed",
    )
    specificity: float = Field(
        gt=0,
        le=1,
        description="of one comparison of two films: share without of those who did not",
    )
    source: str = Field(description="where the two come from")

    @model_validator(mode="after")
    def _tells_something(self) -> "Misclassification":
        if self.sensitivity + self.specificity <= 1:
            raise ValueError("sensitivity and specificity must add up to more than 1")
        return self


class Agreement(Section):
    """How far readers agree on the same films."""

    published_kappas: dict[Name, Annotated[float, Field(gt=0, lt=1)]] = Field(
        default={},
        description="name, such as inter_reader: a kappa of others; what shares of false worsening "
        "it allows at the grades of this cohort, a what-if and no estimate",
    )
    source: str = Field(default="", description="where the kappas come from")


class Sctc(Section):
    """Score from coverage and density of each region, and progression by its change."""

    weights: dict[Name, Annotated[float, Field(ge=0)]] = Field(
        min_length=1, description="region: its weight"
    )
    confirmed: bool = Field(
        description="whether somebody has checked the weights against their source; where false, "
        "the report says that they are unverified"
    )
    source: str = Field(description="where the weights come from")


class Incidence(Section):
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
        once(self.by, "by")
        once(list(self.intervals), "intervals")
        return self
