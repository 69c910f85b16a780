"""Instructions on storage and logs. They say what the library's do, without its debugging texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eth.abc import OpcodeAPI
from eth.exceptions import OutOfGas, WriteProtection
from eth.vm.forks.berlin import logic as berlin
from eth.vm.forks.berlin.constants import COLD_SLOAD_COST, WARM_STORAGE_READ_COST
from eth.vm.forks.byzantium.opcodes import BYZANTIUM_OPCODES
from eth.vm.forks.cancun import logic as cancun
from eth.vm.forks.london.opcodes import LONDON_OPCODES
from eth.vm.forks.london.storage import GAS_SCHEDULE_EIP3529 as COST
from eth.vm.opcode_values import LOG0, SSTORE

from harness.chain.interpreter.instructions import Instruction, Logic, borrowed, logic_of

SENTRY = 2_300  # EIP-2200: with no more gas than this nothing is stored


def _sload(stack: list[int], operand: Any, computation: Any) -> None:
    slot, address = stack[-1], computation.msg.storage_address
    accounts = computation.state._account_db
    if accounts.is_storage_warm(address, slot):
        computation._gas_meter.consume_gas(WARM_STORAGE_READ_COST, "SLOAD")
    else:
        accounts.mark_storage_warm(address, slot)
        computation._gas_meter.consume_gas(COLD_SLOAD_COST, "SLOAD")
    stack[-1] = accounts._get_address_store(address).get(slot)


def _sstore(stack: list[int], operand: Any, computation: Any) -> None:
    message, meter = computation.msg, computation._gas_meter
    if message.is_static:
        raise WriteProtection("SSTORE in a static call")
    if meter.gas_remaining <= SENTRY:
        raise OutOfGas("SSTORE with no more gas than the sentry of EIP-2200")
    slot, value, address = stack.pop(), stack.pop(), message.storage_address
    accounts = computation.state._account_db
    store = accounts._get_address_store(address)
    gas, refund = price(store.get(slot, from_journal=False), store.get(slot), value)
    meter.consume_gas(gas, "SSTORE")
    if refund:
        meter.refund_gas(refund)
    accounts.set_storage(address, slot, value)
    if not accounts.is_storage_warm(address, slot):
        accounts.mark_storage_warm(address, slot)
        meter.consume_gas(COLD_SLOAD_COST, "SSTORE of a cold slot")


def price(original: int, current: int, value: int) -> tuple[int, int]:
    """Gas and refund of storing `value` over `current`, where the transaction found `original` (EIP-3529)."""
    if current == value:
        return COST.sload_gas, 0
    if original == current:
        if original == 0:
            return COST.sstore_set_gas, 0
        return COST.sstore_reset_gas, 0 if value else COST.sstore_clears_schedule
    refund = 0
    if original:
        if current == 0:
            refund -= COST.sstore_clears_schedule
        if value == 0:
            refund += COST.sstore_clears_schedule
    if original == value:
        first = COST.sstore_reset_gas if original else COST.sstore_set_gas
        refund += first - COST.sload_gas
    return COST.sload_gas, refund


def _logic(opcodes: Mapping[int, OpcodeAPI], byte: int) -> Logic:
    """The function of a table; these are made where the table is, and have no name."""
    logic = logic_of(opcodes[byte])
    assert logic is not None
    return logic


_LOGS = [_logic(BYZANTIUM_OPCODES, LOG0 + topics) for topics in range(5)]

INSTRUCTIONS: dict[Logic, Instruction] = {
    berlin.sload_eip2929: Instruction(_sload, 1, 0),
    _logic(LONDON_OPCODES, SSTORE): Instruction(_sstore, 2, -2, exact=True),
    cancun.tload: borrowed(cancun.tload, 1),
    cancun.tstore: borrowed(cancun.tstore, 2, pushes=0, exact=True),
    **{log: borrowed(log, 2 + topics, pushes=0, exact=True) for topics, log in enumerate(_LOGS)},
}
