"""Runs of events that are alike but for one text: most of a stream, told at a twentieth of the time of reading each."""

import re

LONGEST = 4096
"""Bytes of an event whose form is learned."""
MOST_MISSES = 8
"""So often a form may turn out not to be that of the next event; then this stream's events have none."""

_END = b"\n\n"
_TEXT = re.compile(rb'(?:[^"\\\x00-\x1f]|\\[^\x00-\x1f])*')
"""The inside of a JSON string."""


class Runs:
    """Learns the form of an event, all of it but one JSON string, and tells how far a stretch of events has that form.

    What has the form of an event that was read needs no reading: only the inside of a string is another one.
    """

    __slots__ = ("_head", "_keys", "_misses", "_tail", "events")

    def __init__(self, *keys: bytes) -> None:
        """`keys` are what stands before the text, such as `"content":"`; the first that is found counts."""
        self.events = 0
        """How many were in the run that `end` found last."""
        self._keys = keys
        self._head = self._tail = b""
        self._misses = 0

    def learn(self, event: bytes) -> None:
        """Takes the form of an event, without its blank line, unless one is known already."""
        if self._head or self._misses > MOST_MISSES or len(event) > LONGEST:
            return
        for key in self._keys:
            start = event.find(key)
            if start >= 0:
                start += len(key)
                text = _TEXT.match(event, start)
                end = text.end() if text else start
                self._head, self._tail = event[:start], event[end:] + _END
                return

    def end(self, events: bytes, at: int) -> int:
        """Where the run that begins at `at` ends; `at` itself when there is none. `events` have their blank lines."""
        head, tail = self._head, self._tail
        if not head:
            return at
        start, texts = at, list[bytes]()
        while events.startswith(head, start):
            text = start + len(head)
            found = events.find(tail, text)
            if found < 0:
                break
            texts.append(events[text:found])
            start = found + len(tail)
        end, count, all_texts = start, len(texts), b"".join(texts)
        if b'"' in all_texts or b"\\" in all_texts or b"\n" in all_texts:
            end, count = self._careful_end(events, at)
        self.events = count
        if not count:
            self._misses += 1
            self._head = b""
        return end

    def _careful_end(self, events: bytes, at: int) -> tuple[int, int]:
        """The same where texts have quotes or escapes in them, each looked at by itself; and how many there are."""
        head, tail, count = self._head, self._tail, 0
        while events.startswith(head, at) and (text := _TEXT.match(events, at + len(head))) is not None:
            if not events.startswith(tail, text.end()):
                break
            at = text.end() + len(tail)
            count += 1
        return at, count
