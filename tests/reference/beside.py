"""Our bytecode on a chain, and the interpreter beside it: the same messages to both."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from compiler import CompiledContract
from compiler.semantics.function_types import holds_internal_function
from compiler.semantics.symbols import ContractSymbol
from harness.chain.evm import DEFAULT_SENDER, Evm, Outcome
from tests.differential.twins import Difference, Message
from tests.fuzz import counterpart
from tests.reference.chain import Chain, create_address
from tests.reference.contract import Deployed, Maker
from tests.reference.counterpart import Counterpart
from tests.reference.outcomes import Unsupported
from tests.reference.program import Program

WEALTH = 10**30
QUICK = 3_000  # steps that never come to the end of a message's gas


@dataclass
class Tally:
    """What was run and what was left out, over many programs."""

    contracts: int = 0
    sequences: int = 0
    messages: int = 0
    reverted: int = 0
    skipped: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        for name in ("contracts", "sequences", "messages", "reverted"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for why, times in other.skipped.items():
            self.skipped[why] = self.skipped.get(why, 0) + times

    def skip(self, why: str) -> None:
        self.skipped[why] = self.skipped.get(why, 0) + 1


class Beside:
    """One contract, deployed on both sides at the same address."""

    def __init__(
        self, program: Program, name: str, built: CompiledContract, arguments: bytes, tally: Tally,
        libraries: Sequence[tuple[str, bytes]] = (),
    ) -> None:  # fmt: skip
        self.program, self.tally, self.name = program, tally, name
        self.evm = Evm()
        self.chain = Chain(self.evm.timestamp)
        self.address = b""
        self.alive = False
        self._fund(DEFAULT_SENDER, WEALTH)
        self._fund(counterpart.ADDRESS, 5)
        self.evm.set_code(counterpart.ADDRESS, counterpart.code())
        self.chain.account(counterpart.ADDRESS).code = Counterpart()
        for library, code in libraries:
            address = self.evm.deploy(code).created
            assert address is not None
            symbol = program.contracts[library]
            program.libraries[symbol] = address
            self.chain.account(address).code = Deployed(program, symbol, {})
            self.chain.account(DEFAULT_SENDER).nonce += 1
        self._create(program.contracts[name], built.bytecode, arguments)

    def _fund(self, address: bytes, wei: int) -> None:
        self.evm.fund(address, wei)
        self.chain.account(address).balance = wei

    def _create(self, symbol: ContractSymbol, code: bytes, arguments: bytes) -> None:
        self.keeps_functions = any(
            holds_internal_function(v.type) for c in symbol.linearized for v in c.state_variables
        )
        sender = self.chain.account(DEFAULT_SENDER)
        address = create_address(DEFAULT_SENDER, sender.nonce)
        sender.nonce += 1
        maker = Maker(self.program, symbol, arguments)

        def interpret() -> tuple[bool, bytes]:
            return self.chain.create(maker, address, DEFAULT_SENDER, 0, 0)

        found = self._interpreted(interpret, DEFAULT_SENDER)
        if found is None:
            return
        outcome = self.evm.deploy(code + arguments)
        self._compare("constructor", found, outcome, created=True)
        self.address, self.alive = address, outcome.success

    def send(self, message: Message) -> None:
        """The same message to both; one that the interpreter leaves out reaches neither."""
        if message.seconds:
            self.evm.timestamp += message.seconds
            self.chain.timestamp = self.evm.timestamp
        if message.value:
            self._fund(message.sender, WEALTH)
        self._message(self.address, message.data, message.sender, message.value)

    def script(self, data: bytes) -> None:
        """What the counterpart does from now on."""
        self._message(counterpart.ADDRESS, data, counterpart.DIRECTOR, 0)

    def _message(self, to: bytes, data: bytes, sender: bytes, value: int) -> None:
        found = self._interpreted(lambda: self.chain.call(to, data, sender, value), sender)
        if found is None:
            return
        outcome = self.evm.call(to, data, sender=sender, value=value)
        self.tally.messages += 1
        self.tally.reverted += not outcome.success
        self._compare(f"call {data.hex()} value {value} from {sender.hex()}", found, outcome)

    def _interpreted(self, run: Any, sender: bytes) -> tuple[bool, bytes] | None:
        chain = self.chain
        chain.events.clear()
        chain.steps = chain.halts = 0
        chain.origin = sender
        saved = chain.save()
        try:
            found: tuple[bool, bytes] = run()
        except (Unsupported, RecursionError) as left_out:
            chain.restore(saved)
            self.tally.skip(str(left_out) if isinstance(left_out, Unsupported) else "recursion")
            return None
        chain.end_transaction()
        return found

    def _compare(
        self, what: str, found: tuple[bool, bytes], outcome: Outcome, created: bool = False
    ) -> None:
        ok, data = found
        if outcome.error == "OutOfGas" and (self.chain.halts or self.chain.steps > QUICK):
            if ok:
                raise OutOfGas
            return
        where = f"{self.name}, {what}"
        if ok != outcome.success:
            raise Difference(
                f"{where}: interpreter {_told(ok, data)}, bytecode {_told(outcome.success, outcome.output)} {outcome.error}"
            )
        if not (created and ok) and data != outcome.output:
            raise Difference(
                f"{where}: interpreter {_told(ok, data)}, bytecode {_told(outcome.success, outcome.output)}"
            )
        mine = [(e.address, e.topics, e.data) for e in self.chain.events]
        yours = [(log.address, log.topics, log.data) for log in outcome.logs]
        if mine != yours:
            raise Difference(f"{where}: logs {mine} against {yours}")
        self._compare_state(where)

    def _compare_state(self, where: str) -> None:
        for address in {*self.chain.accounts, *self.evm._slots.written}:
            account = self.chain.account(address)
            if account.balance != self.evm.balance(address):
                raise Difference(
                    f"{where}: balance of {address.hex()} {account.balance}, {self.evm.balance(address)}"
                )
            if self.keeps_functions:
                continue
            mine = {slot: word for slot, word in account.slots.items() if word}
            yours = self.evm.storage(address)
            if mine != yours:
                slots = sorted(s for s in {*mine, *yours} if mine.get(s, 0) != yours.get(s, 0))
                shown = {hex(s): (hex(mine.get(s, 0)), hex(yours.get(s, 0))) for s in slots}
                raise Difference(f"{where}: storage of {address.hex()}: {shown}")


class OutOfGas(Exception):
    """The bytecode ran out of gas where the interpreter did not: the sequence ends."""


def _told(ok: bool, data: bytes) -> str:
    return f"{'returned' if ok else 'reverted with'} {data.hex() or 'nothing'}"
