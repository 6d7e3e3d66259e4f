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


class Weighting(Section):
    """Weights by the chance of having had densitometry: a sensitivity analysis."""

    variables: list[Name] = Field(
        default=[],
        description="what the chance depends on, of those of `selection`; without it all of them "
        "but the grouping variable, which enters only where it is listed here",
    )
    truncation: float = Field(
        default=0.01,
        ge=0,
        lt=0.5,
        description="share of the weights that is cut at either end, to its quantile; 0: none",
    )
    source: str = Field(
        min_length=1, description="where the choice of variables and truncation comes from"
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
    z_scores: list[Name] = Field(
        default=[],
        description="variables with the Z-score of each site; the lowest judges those whom the WHO "
        "classes are not meant for",
    )
    device: Name | None = Field(default=None, description="category that names the scanner")
    device_note: str = Field(default="", description="what is known of the scanners")
    by: Name = Field(description="grouping variable, a category with two levels or more")
    adjust: list[Name] = Field(
        default=[],
        description="covariates of models that differences between the groups are adjusted for",
    )
    bootstraps: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="resamples for the intervals of medians; 0: medians have none",
    )
    seed: int = Field(default=1, ge=0, description="of resamples and permutations")
    selection: list[Name] = Field(
        default=[], description="variables that compare who had densitometry and who had not"
    )
    weighting: Weighting | None = Field(
        default=None, description="weights those measured to be like everybody"
    )
    source: str = Field(default="", description="where the choice comes from")

    @model_validator(mode="after")
    def _uses_a_known_site(self) -> "BoneDensity":
        for key in ("selection", "sites", "z_scores", "adjust"):
            once(getattr(self, key), key)
        if self.use != "lowest" and self.use not in self.sites:
            raise ValueError(f"use: '{self.use}': {nearest(self.use, ['lowest', *self.sites])}")
        for name in self.densities:
            if name not in self.sites:
                raise ValueError(f"densities: '{name}' is none of the sites")
        for name in self.selection:
            if name in ("t_score", self.use):
                raise ValueError(f"selection: '{name}' is known of nobody who was not measured")
        return self

    @model_validator(mode="after")
    def _weights_by_what_is_compared(self) -> "BoneDensity":
        if self.z_scores and self.who is None:
            raise ValueError("z_scores: who says of whom they are needed")
        if self.weighting is None:
            return self
        once(self.weighting.variables, "weighting: variables")
        for name in self.weighting.variables:
            if name not in self.selection:
                hint = nearest(name, self.selection)
                raise ValueError(f"weighting: variables: '{name}': {hint}")
        if not self.weighting_variables():
            raise ValueError("weighting needs variables in selection")
        return self

    def weighting_variables(self) -> list[str]:
        """What the chance of having had densitometry depends on; empty without weights."""
        if self.weighting is None:
            return []
        return self.weighting.variables or [name for name in self.selection if name != self.by]

    def compared_beside(self) -> list[str]:
        """The sites whose T-scores are compared beside the one of `use`."""
        alone = self.sites if len(self.sites) == 1 else [self.use]
        return [site for site in self.sites if site not in alone]

    def device_has_reference(self) -> bool:
        """Whether every T-score is made with a reference of the patient's device."""
        made = [self.densities.get(site) for site in self.sites]
        return self.device is not None and all(
            density is not None and all(self.device in one.when for one in density.references)
            for density in made
        )
