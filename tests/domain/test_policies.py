"""A policy lets a call go only where there is evidence; a child can ask for more than its parents, never for less."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modelhall.domain.policies import NOTHING, Candidate, Policy, Rule, judge, policy_words
from modelhall.domain.prices import FREE_SHEET, Passport, PriceSheet, Rate
from modelhall.domain.privacy import Evidence, Fact, Facts, Layer, Privacy
from modelhall.storage.policies import policy_in, policy_out

NOON = datetime(2026, 5, 5, 12, tzinfo=UTC)
PASSPORT = Passport(unit="per_mtok", source="test", as_of="2026-01-01")
LABELS = ("eu", "us", "asia")
ON_A_BUSY_MACHINE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def evidence(value: bool | tuple[str, ...] = True, layer: Layer = "profile", until: date | None = None) -> Evidence:
    return Evidence(value, "DPA 7", layer, dated=date(2026, 1, 2), valid_until=until, entered_by="ada")


def knowing(**facts: bool | tuple[str, ...]) -> Privacy:
    return Privacy(({_fact(name): evidence(value) for name, value in facts.items()},))


def _fact(name: str) -> Fact:
    assert name in {"local", "zero_retention", "no_training", "regions"}
    return name  # pyright: ignore[reportReturnType]


def sheet(**prices: str | None) -> PriceSheet:
    rates = tuple(Rate(name, None if price is None else Decimal(price)) for name, price in prices.items())
    return PriceSheet("sheet", NOON, rates, PASSPORT)


def refused(policy: Policy, candidate: Candidate, now: datetime = NOON) -> Rule | None:
    refusal = judge([("the organisation", policy)], candidate, now).refusal
    return None if refusal is None else refusal.rule


SETS = st.none() | st.frozensets(st.sampled_from(LABELS), min_size=1)
POLICIES = st.builds(
    Policy,
    local_only=st.booleans(),
    zero_retention=st.booleans(),
    no_training=st.booleans(),
    regions=SETS,
    ceiling_usd_per_mtok=st.none() | st.integers(0, 4).map(Decimal),
    purposes=SETS,
    residencies=SETS,
)
FLAGS = st.booleans()
PRIVACIES = st.builds(
    lambda facts: Privacy(({name: evidence(value) for name, value in facts.items()},)),
    st.fixed_dictionaries(
        {},
        optional={
            "local": FLAGS,
            "zero_retention": FLAGS,
            "no_training": FLAGS,
            "regions": st.sets(st.sampled_from(LABELS), min_size=1).map(lambda found: tuple(sorted(found))),
        },
    ),
)
CANDIDATES = st.builds(
    Candidate,
    privacy=PRIVACIES,
    sheet=st.none() | st.integers(0, 4).map(lambda price: sheet(input=str(price), output="1")) | st.just(FREE_SHEET),
    purpose=st.none() | st.sampled_from(LABELS),
    residency=st.none() | st.sampled_from(LABELS),
)


@ON_A_BUSY_MACHINE
@given(POLICIES, POLICIES, CANDIDATES)
def test_below_a_policy_nothing_is_reached_that_it_refuses(parent: Policy, child: Policy, model: Candidate) -> None:
    below = judge([("the organisation", parent), ("key k", child)], model, NOON).refusal
    if below is None:
        assert refused(parent, model) is None
    assert (below is None) == (refused(parent.meet(child), model) is None), "what holds is the meet of both"


@ON_A_BUSY_MACHINE
@given(POLICIES, POLICIES)
def test_the_meet_is_never_wider_than_either_and_what_is_open_is_the_parents(one: Policy, other: Policy) -> None:
    both = one.meet(other)
    assert both == other.meet(one)
    assert both.meet(one) == both
    assert both.wider_than(one) == both.wider_than(other) == ()
    assert NOTHING.wider_than(one) == ()
    assert not one.wider_than(other) or one.meet(other) != one


@ON_A_BUSY_MACHINE
@given(POLICIES)
def test_a_policy_is_kept_as_it_is(policy: Policy) -> None:
    assert policy_in(policy_out(policy)) == policy
    assert set(policy_words(policy)) == set(policy.demanded)


def test_what_is_not_known_is_refused() -> None:
    nothing = Candidate(Privacy(), None)
    for policy in (
        Policy(local_only=True),
        Policy(zero_retention=True),
        Policy(no_training=True),
        Policy(regions=frozenset({"eu"})),
        Policy(ceiling_usd_per_mtok=Decimal(5)),
        Policy(purposes=frozenset({"production"})),
        Policy(residencies=frozenset({"eu"})),
    ):
        assert (refused(policy, nothing),) == policy.demanded
    assert refused(NOTHING, nothing) is None


def test_a_server_of_the_owners_keeps_every_rule_about_data() -> None:
    strict = Policy(local_only=True, zero_retention=True, no_training=True, regions=frozenset({"eu"}))
    assert refused(strict, Candidate(knowing(local=True), None)) is None
    assert refused(strict, Candidate(knowing(local=False), None)) == "local_only"
    logging_it_all = Candidate(knowing(local=True, zero_retention=False), None)
    assert refused(strict, logging_it_all) == "zero_retention", "what is entered for the fact itself comes first"


def test_a_models_own_evidence_comes_before_its_profiles() -> None:
    near: Facts = {"zero_retention": evidence(False, "model")}
    far: Facts = {"zero_retention": evidence()}
    assert refused(Policy(zero_retention=True), Candidate(Privacy((near, far)), None)) == "zero_retention"
    assert refused(Policy(zero_retention=True), Candidate(Privacy((far, near)), None)) is None


def test_evidence_counts_to_the_end_of_its_last_day_and_then_the_next_layer_does() -> None:
    near: Facts = {"zero_retention": evidence(until=date(2026, 5, 5))}
    policy, late = Policy(zero_retention=True), datetime(2026, 5, 5, 23, 59, 59, tzinfo=UTC)
    privacy = Privacy((near, {"zero_retention": evidence(False, "provider")}))
    assert refused(policy, Candidate(privacy, None), late) is None
    assert privacy.next_end(late) == (midnight := datetime(2026, 5, 6, tzinfo=UTC))
    assert refused(policy, Candidate(privacy, None), midnight) == "zero_retention"
    assert privacy.next_end(midnight) is None
    (finding,) = judge([("the organisation", policy)], Candidate(Privacy((near,)), None), midnight).findings
    assert finding.words == "the evidence for zero retention ended on 2026-05-05: DPA 7"


@pytest.mark.parametrize(
    ("where", "allowed", "met"),
    [
        (("eu",), {"eu"}, True),
        (("eu", "us"), {"eu"}, False),
        (("eu", "us"), {"eu", "us", "asia"}, True),
        (("eu-west-2",), {"eu"}, False),
    ],
)
def test_all_regions_of_a_model_have_to_be_allowed_word_for_word(
    where: tuple[str, ...], allowed: set[str], met: bool
) -> None:
    found = refused(Policy(regions=frozenset(allowed)), Candidate(knowing(regions=where), None))
    assert (found is None) == met


@pytest.mark.parametrize(
    ("prices", "one_sided", "met"),
    [
        ({"input": "5", "output": "5"}, False, True),
        ({"input": "5", "output": "5.01"}, False, False),
        ({"input": "5"}, False, False),
        ({"input": "5"}, True, True),
        ({"input": "5", "output": None}, True, False),
        ({"input": "1", "output": "1", "reasoning": "6"}, False, False),
        ({}, True, False),
    ],
    ids=str,
)
def test_a_ceiling_holds_for_every_class_and_an_unknown_price_is_over_it(
    prices: dict[str, str | None], one_sided: bool, met: bool
) -> None:
    candidate = Candidate(Privacy(), sheet(**prices), one_sided=one_sided)
    assert (refused(Policy(ceiling_usd_per_mtok=Decimal(5)), candidate) is None) == met


def test_the_receipt_and_the_header_say_rule_whose_and_evidence_with_its_date() -> None:
    layers = [("the organisation", Policy(zero_retention=True)), ('key "ü"', Policy(zero_retention=True))]
    verdict = judge(layers, Candidate(knowing(zero_retention=True), None), NOON)
    words = "DPA 7 of 2026-01-02, entered by ada"
    assert verdict.receipt == {"policy.zero_retention": f'the organisation: {words}; key "ü": {words}'}
    first, second = verdict.header.split(b", zero")
    assert first == f'zero_retention;by="the organisation";because="{words}";dated="2026-01-02"'.encode()
    assert second.startswith(rb'_retention;by="key \"?\""')
