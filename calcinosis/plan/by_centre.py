"""The section of the plan that compares centres."""

from pydantic import Field, model_validator

from calcinosis.plan.section import Name, Section, once


class ByCentre(Section):
    """What each centre contributed: patients, missing values, questions, and the main finding."""

    variable: Name = Field(description="variable that names the centre, a category")
    finding: Name = Field(
        description="the yes/no variable whose share is compared between centres, such as "
        "calcinosis"
    )
    variables: list[Name] = Field(
        min_length=1, description="variables whose missing values are counted in each centre"
    )

    @model_validator(mode="after")
    def _names_each_variable_once(self) -> "ByCentre":
        once(self.variables, "variables")
        if self.finding == self.variable:
            raise ValueError(f"finding: '{self.finding}' names the centre")
        return self
