"""What all sections of the plan have in common."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

RESAMPLES, IMPUTATIONS = 100, 5
"""Of one job: what a cluster scatters; plans ask for multiples."""
NAME = r"^[a-z0-9][a-z0-9_.-]*$"
Name = Annotated[str, Field(pattern=NAME)]


class Section(BaseModel):
    """A part of the plan: no other keys than its own, no value of another type."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def once(names: list[str], key: str) -> None:
    """Stop where a list names something twice.

    Raises
    ------
    ValueError
        Names the key and what stands twice.
    """
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{key}: '{name}' stands twice")
