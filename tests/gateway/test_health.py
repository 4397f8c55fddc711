"""What is remembered of how targets do: by an own clock, without any call."""

from modelhall.domain.errors import ProviderBroke, ProviderHungUp
from modelhall.gateway.health import FAILURES_IN_A_ROW, FAILURES_OF_20, PROBE_S, Health, Way

WAY = Way("profile", "key", "model")
BROKE = ProviderBroke("no")


class Clock:
    """Stands still until it is moved."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def broken(clock: Clock) -> Health:
    health = Health(clock)
    for _ in range(FAILURES_IN_A_ROW):
        assert health.admits(WAY)
        health.heard(WAY, BROKE)
    return health


def test_failures_in_a_row_open_the_breaker_and_one_call_at_a_time_tries_again() -> None:
    clock = Clock()
    health = broken(clock)
    assert not health.admits(WAY)
    clock.now += PROBE_S * 1.2
    assert [health.admits(WAY), health.admits(WAY)] == [True, False]
    health.heard(WAY, BROKE)
    assert not health.admits(WAY)
    clock.now += PROBE_S * 1.2
    assert health.admits(WAY)
    health.heard(WAY, None)
    assert [health.admits(WAY), health.admits(WAY)] == [True, True]


def test_half_of_the_last_twenty_open_it_too() -> None:
    health = Health(Clock())
    for _ in range(FAILURES_OF_20 - 1):
        health.heard(WAY, BROKE)
        health.heard(WAY, None)
    assert health.admits(WAY)
    health.heard(WAY, BROKE)
    assert not health.admits(WAY)


def test_dead_kept_connections_say_nothing_of_the_server_and_dead_fresh_ones_do() -> None:
    health = Health(Clock())
    for _ in range(FAILURES_IN_A_ROW * 3):
        health.heard(WAY, ProviderHungUp("gone", details={"kept": True}))
    assert health.admits(WAY)
    for _ in range(FAILURES_IN_A_ROW):
        health.heard(WAY, ProviderHungUp("gone", details={"kept": False}))
    assert not health.admits(WAY)


def test_models_that_are_gone_are_forgotten() -> None:
    health = broken(Clock())
    health.keep_only({"other"})
    assert health.admits(WAY)
