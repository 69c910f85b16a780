"""Where the gas of a message goes: an Evm that books each opcode's price under what it pays for.

The floor of an operation is what no compiler can take away: the transaction itself, storage, other accounts, logs
and precompiles. The rest is plain opcodes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from eth.vm.opcode import as_opcode

from tests.gas.measure import Call, MeteredEvm

KINDS: dict[int, str] = {
    **dict.fromkeys((0x54, 0x55, 0x5C, 0x5D), "storage"),
    **dict.fromkeys((0x31, 0x3B, 0x3C, 0x3F), "accounts"),
    **dict.fromkeys((0xF0, 0xF1, 0xF2, 0xF4, 0xF5, 0xFA), "accounts"),
    **dict.fromkeys(range(0xA0, 0xA5), "logs"),
}


class Anatomy(NamedTuple):
    """Gas of one transaction. Refunds are taken off `storage`, which earns them."""

    transaction: int
    storage: int
    accounts: int
    logs: int
    opcodes: int

    @property
    def floor(self) -> int:
        return self.transaction + self.storage + self.accounts + self.logs

    @property
    def total(self) -> int:
        return self.floor + self.opcodes


class DissectingEvm(MeteredEvm):
    """`spent` grows with every opcode; an opcode that runs other code is booked without that code."""

    def __init__(self) -> None:
        super().__init__()
        self.spent = dict.fromkeys(("storage", "accounts", "logs", "opcodes"), 0)
        self._booked = 0
        opcodes = {
            code: as_opcode(self._priced(code, opcode), getattr(opcode, "mnemonic", "PRICED"), 0)
            for code, opcode in self._computation.opcodes.items()
        }
        self._computation = type("Dissecting", (self._computation,), {"opcodes": opcodes})
        self.state.computation_class = self._computation

    def _priced(self, code: int, original: Any) -> Callable[..., None]:
        kind = KINDS.get(code, "opcodes")

        def run(computation: Any) -> None:
            meter = computation._gas_meter
            before, booked = meter.gas_remaining, self._booked
            try:
                original(computation=computation)
            finally:
                price = before - meter.gas_remaining - (self._booked - booked)
                self._booked += price
                self.spent[kind] += price

        return run


def dissect(evm: DissectingEvm, calls: list[Call]) -> Anatomy:
    """The second of the calls, in a transaction of its own: the repeat case, everything cold."""
    first, call = calls[:2]
    assert evm.call(first.to, first.data, sender=first.sender).success
    before = dict(evm.spent)
    outcome = evm.call(call.to, call.data, sender=call.sender)
    assert outcome.success, outcome.error
    spent = {kind: evm.spent[kind] - before[kind] for kind in before}
    assert sum(spent.values()) == outcome.gas_used
    refund = outcome.intrinsic_gas + outcome.gas_used - outcome.transaction_gas
    return Anatomy(
        outcome.intrinsic_gas, spent["storage"] - refund, spent["accounts"], spent["logs"], spent["opcodes"]
    )  # fmt: skip
