"""What every section of a scenario is made of."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from redistrict.messages import Message

Share = Annotated[float, Field(ge=0, le=1)]
Weight = Annotated[float, Field(ge=0, le=1_000_000)]
CrossingWeight = Weight | Literal["never"]
Count = Annotated[int, Field(gt=0)]
Metres = Annotated[float, Field(ge=0, le=10_000)]
Quantity = Literal["households", "people"]


def refusal(en: str, zh: str) -> PydanticCustomError:
    """Give the error a validator raises, with its sentence in both languages."""
    return PydanticCustomError("refused", "{en}", {"en": en, "zh": zh})


class Section(BaseModel):
    """A part of the scenario: frozen, unknown keys refused, every field documented under the field."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, allow_inf_nan=False, str_min_length=1
    )


class Text(Section):
    """A short text in both languages of the interface."""

    zh: str = Field(max_length=200)
    """The text in Chinese."""
    en: str = Field(max_length=200)
    """The text in English."""

    @property
    def message(self) -> Message:
        """The text as a message."""
        return Message(self.en, self.zh)


def _in_both(given: Any) -> Any:
    return {"zh": given, "en": given} if isinstance(given, str) else given


Wording = Annotated[Text, BeforeValidator(_in_both, json_schema_input_type=Text | str)]
"""A text in both languages, or one that serves both as it stands: the name of a licence."""


class CountRange(Section):
    """Fewest and most communities."""

    min: Annotated[int, Field(ge=1)]
    """Fewest communities."""
    max: Annotated[int, Field(ge=1)]
    """Most communities."""

    @model_validator(mode="after")
    def _is_a_range(self) -> "CountRange":
        if self.min > self.max:
            raise refusal(f"min {self.min} is above max {self.max}", f"min（{self.min}）大于 max（{self.max}）")
        return self


class Range(Section):
    """Least and most; one of them may be left out."""

    min: Count | None = None
    """Least."""
    max: Count | None = None
    """Most."""

    @model_validator(mode="after")
    def _is_a_range(self) -> "Range":
        if self.min is None and self.max is None:
            raise refusal("give 'min', 'max' or both", "min 与 max 至少要写一个")
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refusal(f"min {self.min} is above max {self.max}", f"min（{self.min}）大于 max（{self.max}）")
        return self
