"""Says what is still missing until models can be called well, and what to do next."""

from dataclasses import dataclass
from datetime import UTC, datetime

from modelhall.domain.library import BUILT_IN_PROFILE, Model, Profile
from modelhall.domain.people import Actor, Organisation, Role
from modelhall.services.connection import Connection
from modelhall.services.house import House
from modelhall.services.profiles.find_profile import EVERY
from modelhall.services.profiles.profile_view import key_state
from modelhall.services.rights import require
from modelhall.storage import keys, models, organisations, profiles
from modelhall.storage.rollups import usual_waits

ALL_MODELS = 100_000
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Step:
    """One step on the way."""

    id: str
    done: bool
    words: str
    """What is there, or what is missing."""
    command: str
    """What does it."""
    optional: bool = False
    """Whether models can be called without it."""


@dataclass(frozen=True, slots=True)
class Onboarding:
    """The way, and where one stands on it."""

    steps: tuple[Step, ...]

    @property
    def complete(self) -> bool:
        """Whether nothing is missing that is needed."""
        return all(step.done or step.optional for step in self.steps)

    @property
    def next(self) -> Step | None:
        """The first step that is not done: needed ones before optional ones."""
        open_ = [step for step in self.steps if not step.done]
        return next((step for step in open_ if not step.optional), open_[0] if open_ else None)


@dataclass(frozen=True, slots=True)
class _Found:
    house: House
    organisation: Organisation | None
    profiles: list[Profile]
    """Without the built-in one."""
    models: list[Model]
    keys: int
    called: bool


async def show_onboarding(house: House, actor: Actor) -> Onboarding:
    """Where the actor's organisation stands. Raises RoleTooLow."""
    require(actor, Role.VIEWER)
    await house.catch_up()
    async with house.database.read() as connection:
        return await onboarding_in(house, connection, actor.organisation_id)


async def onboarding_in(house: House, connection: Connection, organisation_id: str) -> Onboarding:
    """The same within a transaction, of what the ledger holds by now."""
    found = await _look(house, connection, organisation_id)
    return Onboarding((_engine(house), _provider(found), _key(found), *_library(found), _program(found), _call(found)))


async def _look(house: House, connection: Connection, organisation_id: str) -> _Found:
    all_profiles = await profiles.list_profiles(connection, organisation_id, limit=EVERY)
    return _Found(
        house,
        await organisations.get_organisation(connection, organisation_id),
        [profile for profile in all_profiles if profile.slug != BUILT_IN_PROFILE],
        list(await models.list_models(connection, organisation_id, limit=ALL_MODELS)),
        await keys.count_keys(connection, organisation_id),
        bool(await usual_waits(connection, organisation_id, EVER)),
    )


def _engine(house: House) -> Step:
    status = house.engine.status()
    return Step("engine", status.state == "ready", status.words(), "modelhall local install", optional=True)


def _provider(found: _Found) -> Step:
    words = (
        f"{len(found.profiles)} beside the built-in one" if found.profiles else "no provider's account or server yet"
    )
    return Step("provider", bool(found.profiles), words, "modelhall profile add --provider NAME --key -")


def _key(found: _Found) -> Step:
    states = {profile.slug: key_state(found.house, profile) for profile in found.profiles}
    good = [slug for slug, state in states.items() if state in {"ok", "none"}]
    bad = [f"{slug} ({state})" for slug, state in states.items() if slug not in good]
    words = f"of {', '.join(bad[:5])}" if bad and not good else f"{len(good)} of {len(states)} profiles can be called"
    name = bad[0].split()[0] if bad else "PROFILE"
    return Step("provider_key", bool(good), words, f"modelhall profile key add {name} --key -")


def _library(found: _Found) -> tuple[Step, Step, Step]:
    profile = found.profiles[0].slug if found.profiles else "PROFILE"
    own = [model for model in found.models if model.profile != BUILT_IN_PROFILE]
    active = [model for model in own if model.active and model.quarantined_because is None]
    inactive = own[0].public_name if own else "MODEL"
    return (
        Step("models", bool(own), f"{len(own)} in the library", f"modelhall model sync {profile}"),
        Step("active", bool(active), f"{len(active)} active", f"modelhall model activate {inactive}"),
        _default(found, active),
    )


def _default(found: _Found, active: list[Model]) -> Step:
    """The built-in model is a default for trying; with others there, a better one is offered."""
    default_id = found.organisation.default_model_id if found.organisation else None
    default = next((model for model in found.models if model.id == default_id), None)
    command = "modelhall model default MODEL (`modelhall model recommend` helps to choose)"
    if default is None:
        return Step("default", False, "no default model", command)
    words = f"{default.public_name} answers when a call names no model"
    return Step("default", default.profile != BUILT_IN_PROFILE or not active, words, command, optional=True)


def _program(found: _Found) -> Step:
    words = f"{found.keys} for programs" if found.keys else "no key for programs yet"
    return Step("key", found.keys > 0, words, "modelhall key create NAME")


def _call(found: _Found) -> Step:
    words = "models have answered" if found.called else "no model has answered yet"
    return Step("call", found.called, words, 'modelhall chat "Say hello."')
