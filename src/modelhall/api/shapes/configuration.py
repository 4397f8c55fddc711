"""Configuration files on the wire: what they are, and what they do."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, StringConstraints

from modelhall.api.shapes.base import Body, Secret, Shape, storable
from modelhall.services.files.intent import GivenFile
from modelhall.services.files.outcome import Outcome, Step
from modelhall.services.files.show_drift import Sourced

FileText = Annotated[str, StringConstraints(max_length=4_000_000), AfterValidator(storable)]
FileName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^/\\\x00-\x1f]+$")]


class FileBody(Body):
    """A configuration file."""

    text: FileText
    name: Annotated[FileName, Field(description="By which it is remembered; it ends in .toml, .yaml or .json.")]
    format: Annotated[Literal["toml", "yaml", "json"] | None, Field(description="Where the name does not say it.")] = (
        None
    )
    passphrase: Annotated[Secret | None, Field(description="For sealed secrets in it.")] = None
    prune: Annotated[bool, Field(description="Whether everything that is not in the file goes.")] = False
    keep: Annotated[bool, Field(description="Whether nothing goes, as an import does it.")] = False

    def given(self) -> GivenFile:
        """As the service takes it."""
        return GivenFile(
            text=self.text.encode(),
            name=self.name,
            form=self.format,
            prune=self.prune,
            keep=self.keep,
            passphrase=self.passphrase,
        )


class ExportBody(Body):
    """How the configuration is to be written."""

    format: Literal["toml", "yaml"] = "toml"
    passphrase: Annotated[Secret, Field(description="It seals the secrets; 12 characters or more.")]


class FieldShape(Shape):
    """A field of an object."""

    field: str
    old: Annotated[Any, Field(description="null: it has its default.")]
    new: Any


class LastChangeShape(Shape):
    """Who changed an object last."""

    by: str
    at: datetime
    action: str


class StepShape(Shape):
    """What becomes of one object."""

    kind: str
    name: str
    action: Literal["create", "change", "delete"]
    source: Annotated[str, Field(description="Who said it until then: file NAME, person, environment, nobody.")]
    last_changed: LastChangeShape | None
    fields: list[FieldShape]


class OutcomeShape(Shape):
    """What a file does."""

    file: str
    steps: list[StepShape]
    created: int
    changed: int
    deleted: int
    profiles_with_key: Annotated[list[str], Field(description="That got a key out of the sealed secrets.")]
    warnings: list[str]


class DriftShape(Shape):
    """Where the configuration is no longer as its files say."""

    items: Annotated[list[StepShape], Field(description="`old` is what the file says, `new` what is.")]


class SourceShape(Shape):
    """An object and who says it."""

    kind: str
    name: str
    source: str


class SourcesShape(Shape):
    """All objects of the configuration."""

    items: list[SourceShape]


def outcome_of(outcome: Outcome) -> OutcomeShape:
    """An outcome as it goes out."""
    return OutcomeShape(
        file=outcome.file,
        steps=[_step_of(step) for step in outcome.steps],
        created=outcome.count("create"),
        changed=outcome.count("change"),
        deleted=outcome.count("delete"),
        profiles_with_key=list(outcome.keys),
        warnings=list(outcome.warnings),
    )


def drift_of(steps: tuple[Step, ...]) -> DriftShape:
    """Drift as it goes out."""
    return DriftShape(items=[_step_of(step) for step in steps])


def sources_of(found: list[Sourced]) -> SourcesShape:
    """Sources as they go out."""
    return SourcesShape(items=[SourceShape(kind=each.kind, name=each.name, source=each.source) for each in found])


def _step_of(step: Step) -> StepShape:
    last = step.last
    return StepShape(
        kind=step.kind,
        name=step.name,
        action=step.action,
        source=step.source,
        last_changed=None if last is None else LastChangeShape(by=last.by, at=last.at, action=last.action),
        fields=[FieldShape(field=each.field, old=each.old, new=each.new) for each in step.fields],
    )
