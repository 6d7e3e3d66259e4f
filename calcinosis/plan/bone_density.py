"""The section of the plan about bone density."""

from typing import Annotated

from pydantic import Field, model_validator

from calcinosis.errors import nearest
from calcinosis.plan.section import Name, Section, once


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
