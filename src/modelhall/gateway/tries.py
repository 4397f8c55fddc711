"""Whom a call is tried at, one after the other: each target by each key of its profile, those that do well first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modelhall.domain.errors import Elsewhere, ModelhallError, OwnTrouble, ProviderBusy, ProviderHungUp
from modelhall.gateway.call import Route, Target
from modelhall.gateway.desk import Desk
from modelhall.gateway.health import Way
from modelhall.gateway.prepare import Line

MOST_ATTEMPTS = 3
"""For one call, whatever the reasons and over all its targets."""


@dataclass(slots=True)
class Candidate:
    """A target, and the line by which it is reached."""

    target: Target
    line: Line
    way: Way


class Tries:
    """Iterates over candidates until one takes the call; tell `failed` of each that did not."""

    def __init__(self, route: Route, desk: Desk) -> None:
        self._route, self._desk = route, desk
        self._failure: ModelhallError | None = None
        self._own: ModelhallError | None = None
        self._shortest_pause = 0.0
        self._leave_target = self._again = False
        self.number = 0
        """How many attempts were made."""

    def __iter__(self) -> Iterator[Candidate]:
        broken: Candidate | None = None
        for target in self._route.targets:
            self._leave_target = False
            for line in self._lines(target):
                candidate = Candidate(target, line, line.way_to(target.model.id))
                if self._is_paused(candidate.way):
                    continue
                if not self._desk.health.admits(candidate.way):
                    broken = broken or candidate
                    continue
                yield from self._tried(candidate)
                if self.number == MOST_ATTEMPTS:
                    return
                if self._leave_target:
                    break
        if self.number == 0 and broken is not None:  # better a target that failed lately than none
            yield from self._tried(broken)

    def failed(self, error: ModelhallError) -> None:
        """The candidate did not take the call. Raises the error where trying anybody else would be wrong."""
        if error.elsewhere is Elsewhere.NOWHERE:
            raise error
        # A connection that was kept and is dead says nothing of the server; on a fresh one it may have begun to work.
        self._again = isinstance(error, ProviderHungUp) and bool(error.details["kept"])
        self._leave_target = error.elsewhere is Elsewhere.TARGET
        self._note(error)

    def passed(self, error: ModelhallError) -> None:
        """The candidate cannot take this call, and was not asked."""
        self.number -= 1
        self._leave_target = True
        self._note(error)

    def verdict(self) -> ModelhallError:
        """Why nobody took the call: what the last one said that was asked, else why nobody could be asked."""
        if self._failure is not None:
            return self._failure
        if self._shortest_pause:
            wait = int(self._shortest_pause) + 1
            return ProviderBusy("the provider asked for a pause that is not over yet", retry_after_s=wait)
        return self._own or OwnTrouble("the call has no target")

    def _tried(self, candidate: Candidate) -> Iterator[Candidate]:
        self._again = True
        while self._again and self.number < MOST_ATTEMPTS:
            self._again = False
            self.number += 1
            yield candidate

    def _lines(self, target: Target) -> Sequence[Line]:
        try:
            return self._desk.lines.lines_of(target.profile, target.provider)
        except OwnTrouble as error:
            self._note(error)
            return ()

    def _is_paused(self, way: Way) -> bool:
        pause = self._desk.health.pause(way)
        if pause:
            self._shortest_pause = min(self._shortest_pause or pause, pause)
        return bool(pause)

    def _note(self, error: ModelhallError) -> None:
        if error.attempted:
            self._failure = error
        else:
            self._own = self._own or error
