"""Sections of the plan about scores: composites and totals."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from calcinosis.derive.instruments import TOTALS
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
