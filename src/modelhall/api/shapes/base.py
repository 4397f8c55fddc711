"""What all shapes share: strict bodies, text that both databases can keep, pages."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

MOST_TEXT = 10_000


def storable(text: str) -> str:
    """Text without NUL and lone surrogates, which PostgreSQL knows in no form."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("the text holds a character that cannot be kept")
    return text


Text = Annotated[str, StringConstraints(max_length=MOST_TEXT), AfterValidator(storable)]
Secret = Text
"""A text that is never repeated; bodies do not show what they hold."""
Moment = AwareDatetime
Usd = Annotated[str, Field(description="US dollars as a decimal number", examples=["0.25"])]
PerMillion = Annotated[str, Field(description="US dollars per million, as a decimal number", examples=["2.5"])]


class Body(BaseModel):
    """What a request carries; a field that is not known is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Only its kind: it may hold a key."""
        return type(self).__name__


class Shape(BaseModel):
    """What an answer holds."""

    model_config = ConfigDict(frozen=True)


class PageShape(Shape):
    """A page of a list."""

    next: Annotated[str | None, Field(description="Ask for the rest with `after` = this; null: there is no more.")]
