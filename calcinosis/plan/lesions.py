"""The section of the plan about lesions and their complications."""

from pydantic import Field, model_validator

from calcinosis.errors import nearest
from calcinosis.plan.section import Name, Section, once


class Lesions(Section):
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
        once(self.complications, "complications")
        for name in self.fingers:
            if name not in self.sites:
                raise ValueError(f"fingers: '{name}': {nearest(name, self.sites)}")
        return self
