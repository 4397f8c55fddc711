"""What a person may demand, checked the same way wherever it is said."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from modelhall.domain.errors import Conflict
from modelhall.domain.policies import Policy, Rule
from modelhall.services.words import rate, slug, wrong

MOST_WORDS = 50
FLAGS: tuple[Rule, ...] = ("local_only", "zero_retention", "no_training")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyWish:
    """What is to be demanded; `None` leaves it to those above. `False` says that it is not, which they must allow."""

    local_only: bool | None = None
    zero_retention: bool | None = None
    no_training: bool | None = None
    regions: Sequence[str] | None = None
    ceiling_usd_per_mtok: str | None = None
    purposes: Sequence[str] | None = None
    residencies: Sequence[str] | None = None


def checked_policy(wish: PolicyWish, place: str = "") -> Policy:
    """The policy; `place`: what stands before the rules' names. Raises BadRequest."""
    return Policy(
        local_only=wish.local_only is True,
        zero_retention=wish.zero_retention is True,
        no_training=wish.no_training is True,
        regions=_words(wish.regions, f"{place}regions"),
        ceiling_usd_per_mtok=_ceiling(wish.ceiling_usd_per_mtok, f"{place}ceiling_usd_per_mtok"),
        purposes=_words(wish.purposes, f"{place}purposes"),
        residencies=_words(wish.residencies, f"{place}residencies"),
    )


def refuse_wider(wish: PolicyWish, policy: Policy, parents: Sequence[tuple[str, Policy]]) -> None:
    """A child may only tighten. Raises Conflict with the rules in which it would not, and whose they are."""
    for whose, parent in parents:
        taken_back = [rule for rule in FLAGS if getattr(wish, rule) is False and getattr(parent, rule)]
        wider = [*taken_back, *policy.wider_than(parent)]
        if wider:
            raise Conflict(
                f"{', '.join(wider)}: {whose} demands more, and what is below may only demand more still; "
                "leave it out to have the same",
                details={"reason": "wider_than_parent", "rules": wider, "whose": whose},
            )


def _words(given: Sequence[str] | None, field: str) -> frozenset[str] | None:
    if given is None:
        return None
    if not 1 <= len(given) <= MOST_WORDS:
        raise wrong(field, f"name 1 to {MOST_WORDS}, or leave it out to allow all")
    return frozenset(slug(each.strip().lower(), field) for each in given)


def _ceiling(text: str | None, field: str) -> Decimal | None:
    return None if text is None else rate(text, field)
