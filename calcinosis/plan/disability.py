"""The section of the plan about disability and hand function."""

from typing import Literal

from pydantic import Field, model_validator

from calcinosis.plan.section import Name, Section, once

VisualScaleName = Literal[
    "shaq_pain",
    "shaq_gastrointestinal",
    "shaq_lung",
    "shaq_raynaud",
    "shaq_digital_ulcers",
    "shaq_overall",
]


class VisualScale(Section):
    """A visual scale, rescaled to 0 (no complaint) to 3."""

    variable: Name = Field(description="distance of the mark from the end without complaints")
    length: float = Field(
        gt=0,
        description="of the line in the unit of the variable: 15 for cm of the original line, 100 "
        "for mm of a line of 100 mm, 3 for what is rescaled already",
    )


class MinimalImportantDifference(Section):
    """The least difference of a score that matters to patients."""

    value: float = Field(gt=0, description="in points of the score")
    source: str = Field(
        min_length=1, description="publication, and of whom and of what change it is told there"
    )


class Disability(Section):
    """Disability (HAQ-DI), hand function (Cochin) and other scores by group."""

    scores: list[Name] = Field(
        min_length=1,
        description="what is compared, in order: haq_di and cochin, scored from items; visual "
        "scales, totals or other numbers",
    )
    aids: bool = Field(
        description="whether aids, devices and help raise a HAQ category to 2 in the index that is "
        "called haq_di; where the export has them, the other index stands beside it"
    )
    visual_scales: dict[VisualScaleName, VisualScale] = Field(
        default={},
        description="scale of the SHAQ (shaq_pain, shaq_gastrointestinal, shaq_lung, shaq_raynaud, "
        "shaq_digital_ulcers, shaq_overall): its variable and length",
    )
    by: list[Name] = Field(
        min_length=1,
        description="grouping variables: categories, or `location_class` where lesions are given",
    )
    adjust: list[Name] = Field(
        default=[],
        description="covariates of models for which means, and the slope with the number of "
        "lesions, are adjusted; one of the grouping variable itself is left out there",
    )
    minimal_important_differences: dict[Name, MinimalImportantDifference] = Field(
        default={},
        description="score: the difference that its shifts and adjusted differences are judged "
        "by; that of haq_di holds with and without aids. No value is built in",
    )
    source: str = Field(default="", description="where the choice about aids comes from")

    @model_validator(mode="after")
    def _names_each_score_once(self) -> "Disability":
        once(self.scores, "scores")
        once(self.by, "by")
        once(self.adjust, "adjust")
        if "haq_di" in self.scores and {"haq_di_with_aids", "haq_di_without_aids"} & {*self.scores}:
            raise ValueError("scores: the other index stands beside haq_di by itself; leave it out")
        if "lesion_count" in self.scores:
            raise ValueError("scores: each score is compared with lesion_count; leave it out")
        for name in self.visual_scales:
            if name not in self.scores:
                raise ValueError(f"visual_scales: '{name}' is none of the scores")
        for score in self.minimal_important_differences:
            if score not in self.scores:
                raise ValueError(f"minimal_important_differences: '{score}' is none of the scores")
        return self
