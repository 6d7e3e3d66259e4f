"""The section of the plan about lesions and their complications."""

from typing import Literal

from pydantic import Field, model_validator

from calcinosis.errors import nearest
from calcinosis.plan.section import Name, Section, once

Side = Literal["right", "left"]


class Lesions(Section):
    """Where lesions are, and their complications; every denominator is named."""

    sites: dict[Name, list[Name]] = Field(
        min_length=1,
        description="site, in order: the yes/no variables of it (right and left); each yes is one "
        "lesion",
    )
    sides: list[Side] = Field(
        default=[],
        description="which side the first and which the second variable is of sites that have two, "
        "such as [right, left]; without it sides are not compared",
    )
    fingers: list[Name] = Field(
        min_length=1,
        description="the sites that are fingers and thumbs, in order from the thumb; with them a "
        "patient's `location_class` is none, fingers_only, fingers_and_beyond or beyond_only",
    )
    site_groups: dict[Name, list[Name]] = Field(
        default={}, description="further sites that are counted together; may overlap"
    )
    among: Name = Field(description="the yes/no variable that has lesions, such as calcinosis")
    complications: list[Name] = Field(
        default=[], description="yes/no variables of a patient, not of a lesion"
    )
    ascertainment: dict[Name, Name] = Field(
        default={},
        description="how lesions are found, in order of importance: the yes/no variable of each, "
        "such as `imaging: calcinosis_imaging`; the main results stand beside those of who was "
        "found by the first, by the first or second, and so on; by centre where the plan has one",
    )
    smallest_combination: int = Field(
        default=5,
        ge=1,
        description="combinations of sites that fewer patients have are counted together",
    )
    bootstraps: int = Field(
        default=2000, ge=200, description="resamples of patients for shares of lesions"
    )
    seed: int = Field(default=1, ge=0, description="of the resamples")

    @model_validator(mode="after")
    def _names_are_of_sites(self) -> "Lesions":
        once(self.complications, "complications")
        once(self.fingers, "fingers")
        groups = {f"site_groups: {name}": sites for name, sites in self.site_groups.items()}
        for key, sites in ({"fingers": self.fingers} | groups).items():
            for name in sites:
                if name not in self.sites:
                    raise ValueError(f"{key}: '{name}': {nearest(name, self.sites)}")
        for name in self.site_groups:
            if name in ("fingers", *self.sites):
                raise ValueError(f"site_groups: '{name}' is already the name of a site")
        return self

    @model_validator(mode="after")
    def _two_sides(self) -> "Lesions":
        if not self.sides:
            return self
        if sorted(self.sides) != ["left", "right"]:
            raise ValueError("sides: write [right, left] or [left, right]")
        if not self.two_sided:
            raise ValueError("sides: no site has two variables")
        return self

    @property
    def two_sided(self) -> dict[str, dict[str, str]]:
        """The variables of the right and of the left of each site that has both."""
        return {
            site: dict(zip(self.sides, variables, strict=True))
            for site, variables in self.sites.items()
            if self.sides and len(variables) == len(self.sides)
        }
