"""Two EVMs with the same accounts, one of them as py-evm ships it, and what a message did on each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from eth.vm.forks.cancun.state import CancunState
from eth.vm.forks.prague.state import PragueState
from eth.vm.forks.shanghai.state import ShanghaiState

from harness.chain.evm import Evm
from tests.harness.interpreter.programs import program

FORKS = {"shanghai": ShanghaiState, "cancun": CancunState, "prague": PragueState}
CONTRACTS = tuple(bytes([0xC0 + n]) * 20 for n in range(3))
DELEGATED = b"\xde" * 20
SENDER = b"\x5e" * 20
PRECOMPILES = tuple(n.to_bytes(20, "big") for n in (1, 2, 4, 5, 9))
KNOWN = (*CONTRACTS, *CONTRACTS, DELEGATED, SENDER, b"\xaa" * 20, *PRECOMPILES)

Frame = tuple[object, ...]


class Watched(Evm):
    """The EVM of this project; keeps the computation of its last message."""

    last: Any = None

    def _run(self, message: Any, apply: Callable[..., Any]) -> Any:
        self.last = super()._run(message, apply)
        return self.last


class Plain(Watched):
    """The same with py-evm's own computation and account database."""

    def __init__(self, fork: str) -> None:
        super().__init__(fork)
        self._state_class = FORKS[fork]
        self._computation = FORKS[fork].computation_class
        self.state = self._state_at(self.state.state_root)


def frame(computation: Any) -> Frame:
    """All that can be seen of a computation, and of those below it."""
    failed = computation.is_error
    stack = () if failed else tuple(_word(item) for item in computation._stack.values)
    return (
        type(computation._error).__name__,
        computation.msg.gas,
        computation.get_gas_remaining(),
        computation.get_gas_refund(),
        bytes(computation.output),
        bytes(computation.return_data),
        stack,
        b"" if failed else bytes(computation._memory._bytes),
        computation.get_raw_log_entries(),
        sorted(computation.accounts_to_delete),
        sorted(computation.beneficiaries),
        sorted(computation.contracts_created),
        tuple(frame(child) for child in computation.children),
    )


def _word(item: int | bytes) -> int:
    return int.from_bytes(item, "big") if isinstance(item, bytes) else item


class Beside:
    """Both EVMs. `send` does the same on each and answers with what each of them did."""

    def __init__(self, fork: str, rng: Random) -> None:
        self.rng = rng
        self.ours, self.theirs = Watched(fork), Plain(fork)
        for evm in self.both:
            evm.fund(SENDER, 10**18)
            for address in (*CONTRACTS, DELEGATED):
                evm.fund(address, 100)
        delegate = b"\xef\x01\x00" + CONTRACTS[1]
        if fork == "prague":
            self.place(DELEGATED, delegate)
        for address in CONTRACTS:
            self.place(address, program(rng, KNOWN))

    @property
    def both(self) -> tuple[Watched, Watched]:
        return self.ours, self.theirs

    def place(self, address: bytes, code: bytes) -> None:
        for evm in self.both:
            evm.set_code(address, code)

    def send(self, **message: Any) -> tuple[Frame, Frame]:
        """A message by the keywords of `Evm`: `kind` is call, view or deploy."""
        ours, theirs = (_did(evm, dict(message)) for evm in self.both)
        return ours, theirs

    def slots(self) -> list[tuple[bytes, int, int, int]]:
        """Slots written since the last time, where the two differ."""
        different = []
        for address, slot in self.ours.touched:
            values = [evm.state.get_storage(address, slot) for evm in self.both]
            if values[0] != values[1]:
                different.append((address, slot, *values))
        self.ours.touched.clear()
        return different

    def roots(self) -> tuple[bytes, bytes]:
        return self.ours.root(), self.theirs.root()


def _did(evm: Watched, message: dict[str, Any]) -> Frame:
    kind, to = message.pop("kind"), message.pop("to")
    evm.last = None
    try:
        outcome = (
            evm.deploy(to, **message)
            if kind == "deploy"
            else getattr(evm, kind)(to, message.pop("data"), **message)
        )
    except Exception as fault:  # a fault of the library must be the same fault
        return (type(fault).__name__, str(fault))
    return (outcome, frame(evm.last))


def messages(rng: Random, code: bytes, gas: int) -> Sequence[dict[str, Any]]:
    """What is tried with a program: a creation, or calls with all gas and then with less and less of it."""
    if rng.random() < 0.1:
        return [
            {
                "kind": "deploy",
                "to": code,
                "gas": gas,
                "sender": SENDER,
                "value": rng.choice((0, 1)),
            }
        ]
    base = {
        "to": rng.choice((CONTRACTS[0], CONTRACTS[0], CONTRACTS[0], DELEGATED)),
        "data": rng.randbytes(rng.choice((0, 4, 31, 36, 100))),
        "sender": SENDER,
        "static": rng.random() < 0.1,
    }  # fmt: skip
    value = 0 if base["static"] else rng.choice((0, 0, 1))
    return [{"kind": "call", "gas": gas, "value": value, **base}]
