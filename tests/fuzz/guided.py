"""Messages that go where earlier ones did not: those that took a new side of a branch are changed further.

A branch that compares with one word of 2**256 is not passed by luck. Where our code compared a word of the
arguments, what it was compared with is tried in its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from harness.chain.evm import DEFAULT_SENDER
from tests.differential.messages import SENDERS
from tests.fuzz import counterpart
from tests.fuzz.calldata import Step, message
from tests.fuzz.choices import Choices
from tests.fuzz.watched import Side, WatchedEvm

LONGEST = 16  # steps of a sequence
_MASK = 2**256 - 1


class _Hint(NamedTuple):
    """This word of that step's arguments was compared with `word`, or its neighbour."""

    step: int
    place: int
    word: int


class _Kept(NamedTuple):
    """A sequence that took a new side, and what is not yet tried of it."""

    steps: list[Step]
    hints: list[_Hint]


class Search:
    """Sequences of messages to one contract, made by `creation`; `sides` are those that all of them took."""

    def __init__(
        self, creation: bytes, libraries: Sequence[bytes], abi: Any, choices: Choices
    ) -> None:
        self._creation, self._libraries = creation, libraries
        self._abi, self._choices = abi, choices
        self._kept: list[_Kept] = []
        self._words: set[int] = set()
        self.sides: set[Side] = set()
        self.alive = False  # the constructor succeeded

    def add(self, steps: Sequence[Step]) -> bool:
        """Run one; whether it took a side that none before it took. Then it is changed further."""
        evm, hints = self._run(steps)
        fresh = bool(evm.sides - self.sides)
        self.sides |= evm.sides
        if fresh:
            self._words.update(hint.word for hint in hints)
            self._kept.append(_Kept(list(steps), hints))
        return fresh

    def further(self, rounds: int) -> Iterator[list[Step]]:
        """Changed sequences that took new sides, of so many tried."""
        for _ in range(rounds):
            if not self._kept:
                return
            changed = self._changed()
            if self.add(changed):
                yield changed

    def _run(self, steps: Sequence[Step]) -> tuple[WatchedEvm, list[_Hint]]:
        evm = WatchedEvm()
        evm.fund(DEFAULT_SENDER, 10**30)
        evm.set_code(counterpart.ADDRESS, counterpart.code())
        evm.fund(counterpart.ADDRESS, 5)
        for library in self._libraries:
            evm.deploy(library)
        evm.contract = evm.deploy(self._creation).created
        self.alive = evm.contract is not None
        hints: set[_Hint] = set()
        for number, step in enumerate(steps):
            if evm.contract is None:
                break
            if isinstance(step, bytes):
                evm.call(counterpart.ADDRESS, step, sender=counterpart.DIRECTOR)
                continue
            evm.timestamp += step.seconds
            if step.value:
                evm.fund(step.sender, 10**30)
            evm.compared.clear()
            evm.call(evm.contract, step.data, sender=step.sender, value=step.value)
            hints |= _hints(number, step.data, evm.compared)
        return evm, sorted(hints)

    # -- changes -------------------------------------------------------------------------------

    def _changed(self) -> list[Step]:
        """The newest sequence that has something to try, or any one with something else in it."""
        c = self._choices
        hinted = [kept for kept in self._kept if kept.hints]
        if hinted and c.chance(2):
            steps, hints = hinted[-1]
            hint = hints.pop(c.below(len(hints)))
            made = list(steps)
            made[hint.step] = _replaced(made[hint.step], hint.place, hint.word)
            return made
        made = list(c.pick(self._kept).steps)
        for _ in range(c.between(1, 3)):
            kind = c.below(6)
            at = c.below(len(made) + 1)
            if kind == 0 and len(made) < LONGEST:
                made.insert(at, message(c, self._abi))
            elif kind == 1 and made and len(made) < LONGEST:
                made.insert(at, c.pick(made))
            elif made:
                at = min(at, len(made) - 1)
                made[at] = self._step(made[at])
        return made

    def _step(self, step: Step) -> Step:
        c = self._choices
        if isinstance(step, bytes):
            return counterpart.script(c, lambda: message(c, self._abi).data)
        kind = c.below(8)
        if kind == 0:
            return step._replace(sender=c.pick(SENDERS))
        if kind == 1:
            return step._replace(value=min(self._word(), 10**30) if c.chance(2) else 0)
        places = (len(step.data) - 4) // 32
        if places < 1:
            return message(c, self._abi)
        return _replaced(step, c.below(places), self._word())

    def _word(self) -> int:
        """One that arguments were compared with."""
        return self._choices.pick(sorted(self._words)) if self._words else 0


def _hints(step: int, data: bytes, compared: set[tuple[int, int]]) -> set[_Hint]:
    """Words of the arguments that were compared, in either order."""
    partners: dict[int, set[int]] = {}
    for first, second in compared:
        partners.setdefault(first, set()).add(second)
        partners.setdefault(second, set()).add(first)
    return {
        _Hint(step, place, near & _MASK)
        for place in range((len(data) - 4) // 32)
        for word in partners.get(int.from_bytes(_at(data, place), "big"), ())
        for near in (word - 1, word, word + 1)
    }


def _at(data: bytes, place: int) -> bytes:
    return data[4 + 32 * place : 36 + 32 * place]


def _replaced(step: Step, place: int, word: int) -> Step:
    """One word of its arguments replaced."""
    if isinstance(step, bytes):
        return step
    at = 4 + 32 * place
    return step._replace(data=step.data[:at] + word.to_bytes(32, "big") + step.data[at + 32 :])
