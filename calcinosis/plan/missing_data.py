"""Section of the plan about missing values of the multivariable model."""

from typing import Literal

from pydantic import Field, model_validator

from calcinosis.plan.section import IMPUTATIONS, Name, Section, once


class MissingData(Section):
    """What is missing in the multivariable model, and that model by multiple imputation."""

    imputations: int = Field(
        default=20,
        ge=IMPUTATIONS,
        multiple_of=IMPUTATIONS,
        description=f"completed datasets, a multiple of {IMPUTATIONS}; about as many as percent of "
        "the patients have missing values",
    )
    iterations: int = Field(
        default=10, ge=1, description="how often each variable is drawn in turn; the last counts"
    )
    donors: int = Field(
        default=5, ge=1, description="among how many nearest patients a missing number is drawn"
    )
    seed: int = Field(default=1, ge=0, description="of the random numbers")
    auxiliary: list[Name] = Field(
        default=[],
        description="variables outside the model that tell something of missing values or of why "
        "they are missing",
    )
    pooling: Literal["rubin", "clip"] = Field(
        default="rubin",
        description="where the model is Firth's: Rubin's rules on estimates and standard errors, "
        "or intervals and tests of the combined penalised profiles",
    )
    source: str = Field(default="", description="where these choices come from")

    @model_validator(mode="after")
    def _names_each_variable_once(self) -> "MissingData":
        once(self.auxiliary, "auxiliary")
        return self
