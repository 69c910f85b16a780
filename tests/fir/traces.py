"""A sequence of messages to a contract, and all that can be seen of what it did."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, NamedTuple

from harness.chain.evm import DEFAULT_SENDER, Evm, Log, Outcome
from tests.differential.twins import Message
from tests.fir.chain import FirEvm
from tests.fuzz import counterpart
from tests.fuzz.calldata import constructor_data, sequence
from tests.fuzz.choices import from_random

GAS = 10_000_000
Steps = Sequence[Message | bytes]  # plain bytes are what the counterpart shall do from now on


class Script(NamedTuple):
    """Arguments of the constructor, encoded, and what comes then."""

    arguments: bytes
    steps: tuple[Message | bytes, ...]

    def told(self, at: int) -> str:
        """The step of that number in words; the deployment comes before the first."""
        step = self.steps[at - 1] if at else None
        if step is None:
            return f"deployment with {self.arguments.hex() or 'no arguments'}"
        if isinstance(step, bytes):
            return f"counterpart told {step.hex()}"
        value = f" with value {step.value}" if step.value else ""
        return f"message {step.data.hex()} from {step.sender.hex()}{value}"


class Seen(NamedTuple):
    """After one step. `limited` where gas or the stack's depth ended a frame: what follows says nothing."""

    success: bool
    output: bytes
    logs: tuple[Log, ...]
    storage: dict[int, int]
    balance: int
    others: tuple[str, ...]
    limited: bool = False

    def told(self) -> str:
        """In a few lines."""
        status = "succeeded" if self.success else "reverted"
        slots = ", ".join(f"{slot:#x}: {word:#x}" for slot, word in self.storage.items())
        logs = "; ".join(f"{log.data.hex()} {[hex(t) for t in log.topics]}" for log in self.logs)
        return (
            f"{status} with {self.output.hex() or 'nothing'}, balance {self.balance}\n"
            f"    logs: {logs or 'none'}\n    storage: {slots or 'empty'}"
        )


Trace = list[Seen]


def trace(evm: FirEvm, code: bytes, script: Script, before: Sequence[bytes] = ()) -> Trace:
    """What a fresh chain shows of it. `before` is code to deploy first: libraries."""
    evm.fund(DEFAULT_SENDER, 10**30)
    evm.fund(counterpart.ADDRESS, 5)
    evm.set_code(counterpart.ADDRESS, counterpart.code())
    for library in before:
        evm.deploy(library)
    made = evm.deploy(code + script.arguments, gas=GAS)
    address = made.created
    seen = [_seen(evm, made, address)]
    for step in script.steps if address is not None else ():
        if isinstance(step, bytes):
            outcome = evm.call(counterpart.ADDRESS, step, sender=counterpart.DIRECTOR)
        else:
            outcome = _send(evm, address or b"", step)
        seen.append(_seen(evm, outcome, address))
    return seen


def _send(evm: Evm, address: bytes, message: Message) -> Outcome:
    if message.seconds:
        evm.timestamp += message.seconds
    if message.value:
        evm.fund(message.sender, 10**30)
    return evm.call(address, message.data, sender=message.sender, value=message.value, gas=GAS)


def _seen(evm: FirEvm, outcome: Outcome, address: bytes | None) -> Seen:
    """Addresses of contracts made with a salt depend on code, so the others' storage is a bag."""
    own = address or b""
    others = (str(evm.storage(account)) for account in evm._slots.written if account != own)
    return Seen(
        outcome.success,
        b"" if outcome.is_create and outcome.success else outcome.output,
        outcome.logs,
        evm.storage(own),
        evm.balance(own) if own else 0,
        tuple(sorted(text for text in others if text != "{}")),
        evm.limited,
    )


def first_difference(one: Trace, other: Trace) -> int | None:
    """The number of the first step after which something differs; none behind one that a limit ended."""
    for number, (mine, yours) in enumerate(zip(one, other, strict=False)):
        if mine.limited or yours.limited:
            return None
        if mine != yours:
            return number
    return None if len(one) == len(other) else min(len(one), len(other))


def drawn(abi: list[dict[str, Any]], number: int, count: int, most: int) -> list[Script]:
    """Random scripts; the same number draws the same."""
    found = []
    for index in range(count):
        choices = from_random(random.Random(f"{number}:{index}"))
        made = constructor_data(choices, abi)
        found.append(Script(made, tuple(sequence(choices, abi, most))))
    return found


def parsed(words: Sequence[str]) -> Script:
    """Messages as on the command line: hexadecimal calldata, with `:value` behind it or without."""
    steps = []
    for word in words:
        data, _, value = word.partition(":")
        steps.append(Message(bytes.fromhex(data.removeprefix("0x")), value=int(value or "0", 0)))
    return Script(b"", tuple(steps))
