"""Sections of the plan about scores: composites, totals, bone density, disability."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from calcinosis.derive.instruments import TOTALS
from calcinosis.errors import nearest
from calcinosis.plan.section import Name, Section, once


class Composite(Section):
    """Yes when any component is: yes/no variables (also as a list), or grades from a cut on."""

    any_of: list[Name] = Field(
        min_length=1, description="variables: yes/no, or grades as numbers from 0"
    )
    at_least: float | None = Field(
        default=None, gt=0, description="of grades: from which one on the component is present"
    )
    highest: float | None = Field(default=None, gt=0, description="of grades: the worst there is")
    source: str = Field(default="", description="where the choice comes from")

    @model_validator(mode="after")
    def _grades_have_both(self) -> "Composite":
        once(self.any_of, "any_of")
        if (self.at_least is None) != (self.highest is None):
            raise ValueError("grades need both at_least (present from) and highest (the worst)")
        if self.at_least and self.highest and self.at_least > self.highest:
            raise ValueError("at_least is above highest: nobody could have it")
        return self


def _of_list(value: Any) -> Any:
    if not isinstance(value, list | dict):
        raise ValueError("write a list of yes/no variables, or any_of with what it needs")
    return {"any_of": value} if isinstance(value, list) else value


Definition = Annotated[
    Composite, BeforeValidator(_of_list, json_schema_input_type=list[Name] | Composite)
]
"""A composite; yes/no variables may stand as a list."""


class Total(Section):
    """A sum of items from 0 to `highest`, missing when an item is, with bounds."""

    instrument: Literal["mrss"] | None = Field(
        default=None,
        description="modified Rodnan skin score: the items `mrss_<site>`, 17 sites from 0 to 3; in "
        "the place of items and highest",
    )
    items: list[Name] = Field(default=[], description="variables, numbers")
    highest: float | None = Field(default=None, gt=0, description="the most that an item can be")
    source: str = Field(default="", description="where the grouping of the items comes from")

    @model_validator(mode="after")
    def _names_its_items(self) -> "Total":
        once(self.items, "items")
        named = (bool(self.items), self.highest is not None)
        if named != ((False, False) if self.instrument else (True, True)):
            raise ValueError("needs either instrument, or items and highest")
        return self

    def parts(self) -> dict[str, Any]:
        """The items, and the most that each can be."""
        if self.instrument:
            instrument = TOTALS[self.instrument]
            return {"items": list(instrument.items), "highest": instrument.highest}
        return {"items": self.items, "highest": self.highest}


class Reference(Section):
    """Young adults whom a bone mineral density is compared with."""

    mean: float = Field(gt=0, description="in the unit of the variable")
    sd: float = Field(gt=0, description="in the unit of the variable")
    when: dict[Name, Annotated[list[str], Field(min_length=1)]] = Field(
        default={},
        description="variable to levels: whom it is meant for, such as a sex or a scanner; without "
        "it, everybody",
    )


class Density(Section):
    """Bone mineral density of a site, from which its T-score is made."""

    variable: Name = Field(description="variable with the density")
    references: list[Reference] = Field(
        min_length=1,
        description="the chosen reference, or one for each level; a patient whom none is meant for "
        "has no T-score",
    )
    source: str = Field(min_length=1, description="where the reference comes from")

    @model_validator(mode="after")
    def _one_reference_for_a_patient(self) -> "Density":
        for i, one in enumerate(self.references):
            for other in self.references[:i]:
                if not any(
                    set(levels).isdisjoint(other.when.get(name, levels))
                    for name, levels in one.when.items()
                ):
                    raise ValueError("two references are meant for the same patients")
        return self


class WhoClasses(Section):
    """Whom the WHO classes are meant for: postmenopausal women, and men of 50 or more."""

    sex: Name = Field(description="a category")
    women: str = Field(description="its level")
    men: str = Field(description="its level")
    age: Name = Field(description="years, a number")
    postmenopausal: Name | None = Field(
        default=None,
        description="yes/no variable; without it no woman is classed, and the report says so",
    )


class BoneDensity(Section):
    """T-scores by group, and who had densitometry."""

    sites: list[Name] = Field(
        min_length=1, description="variables with the T-score of each site, or names of densities"
    )
    densities: dict[Name, Density] = Field(
        default={}, description="T-score to be made: the bone mineral density and its reference"
    )
    use: Name = Field(
        description="the T-score that is compared: the lowest of the sites, or one of them"
    )
    who: WhoClasses | None = Field(
        default=None, description="whom the WHO classes are meant for; without it nobody is classed"
    )
    by: Name = Field(description="grouping variable, a category with two levels")
    selection: list[Name] = Field(
        default=[], description="variables that compare who had densitometry and who had not"
    )
    source: str = Field(default="", description="where the choice comes from")

    @model_validator(mode="after")
    def _uses_a_known_site(self) -> "BoneDensity":
        once(self.selection, "selection")
        once(self.sites, "sites")
        if self.use != "lowest" and self.use not in self.sites:
            raise ValueError(f"use: '{self.use}': {nearest(self.use, ['lowest', *self.sites])}")
        for name in self.densities:
            if name not in self.sites:
                raise ValueError(f"densities: '{name}' is none of the sites")
        return self


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
    source: str = Field(default="", description="where the choice about aids comes from")

    @model_validator(mode="after")
    def _names_each_score_once(self) -> "Disability":
        once(self.scores, "scores")
        once(self.by, "by")
        if "haq_di" in self.scores and {"haq_di_with_aids", "haq_di_without_aids"} & {*self.scores}:
            raise ValueError("scores: the other index stands beside haq_di by itself; leave it out")
        for name in self.visual_scales:
            if name not in self.scores:
                raise ValueError(f"visual_scales: '{name}' is none of the scores")
        return self
