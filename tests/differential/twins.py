"""Two chains that must never differ: the same messages to both builds of a contract."""

from __future__ import annotations

from typing import NamedTuple

from harness.chain.evm import DEFAULT_SENDER, Evm, Outcome
from tests.differential.builds import Pair


class Message(NamedTuple):
    """One message to the contract under test."""

    data: bytes
    sender: bytes = DEFAULT_SENDER
    value: int = 0
    seconds: int = 0  # the clock moves before the message


class Difference(AssertionError):
    """The two builds behaved differently; the message says where."""


class Twins:
    """Both builds deployed on chains of their own, at the same address."""

    def __init__(self, pair: Pair, arguments: bytes = b"", value: int = 0) -> None:
        self.pair = pair
        self.ours, self.theirs = Evm(), Evm()
        for evm in (self.ours, self.theirs):
            evm.fund(DEFAULT_SENDER, 10**30)
        for ours, theirs in pair.libraries:
            assert self.ours.deploy(ours).created == self.theirs.deploy(theirs).created
        first = self.ours.deploy(pair.ours + arguments, value=value)
        second = self.theirs.deploy(pair.theirs + arguments, value=value)
        self._compare("constructor", first, second, code=True)
        self.address = first.created
        self.reverted = 0

    @property
    def alive(self) -> bool:
        """The constructor succeeded."""
        return self.address is not None

    def send(self, message: Message) -> Outcome:
        """The same message to both; raises Difference where anything visible differs."""
        assert self.address is not None
        for evm in (self.ours, self.theirs):
            if message.seconds:
                evm.timestamp += message.seconds
            if message.value:
                evm.fund(message.sender, 10**30)
        options = {"sender": message.sender, "value": message.value}
        first = self.ours.call(self.address, message.data, **options)  # type: ignore[arg-type]
        second = self.theirs.call(self.address, message.data, **options)  # type: ignore[arg-type]
        self._compare(f"call {message.data.hex()} value {message.value}", first, second)
        self.reverted += not first.success
        return first

    def _compare(self, what: str, first: Outcome, second: Outcome, code: bool = False) -> None:
        name = self.pair.name
        if first.success != second.success:
            raise Difference(f"{name}, {what}: ours {_status(first)}, reference {_status(second)}")
        if not first.success and second.error == "OutOfGas":
            return  # the legacy pipeline tries allocations that the newer one refuses with a panic
        if not code and first.output != second.output:
            kind = "returned" if first.success else "reverted with"
            raise Difference(
                f"{name}, {what}: ours {kind} {first.output.hex()}, reference {second.output.hex()}"
            )
        if first.logs != second.logs:
            raise Difference(f"{name}, {what}: logs {first.logs} against {second.logs}")
        if first.success:
            self._compare_storage(what)

    def _compare_storage(self, what: str) -> None:
        accounts = {*self.ours._slots.written, *self.theirs._slots.written}
        for account in accounts:
            mine, yours = self.ours.storage(account), self.theirs.storage(account)
            if mine != yours:
                slots = {s for s in {*mine, *yours} if mine.get(s, 0) != yours.get(s, 0)}
                shown = {hex(s): (hex(mine.get(s, 0)), hex(yours.get(s, 0))) for s in sorted(slots)}
                raise Difference(
                    f"{self.pair.name}, {what}: storage of {account.hex()} differs: {shown}"
                )


def _status(outcome: Outcome) -> str:
    if outcome.success:
        return f"succeeded with {outcome.output.hex()}"
    return f"failed ({outcome.error}) with {outcome.output.hex()}"
