"""How little gas a message needs: its own, and enough that the calls below it get theirs."""

from __future__ import annotations

from typing import Any

from eth.constants import GAS_CALLSTIPEND


def least_gas(computation: Any) -> int:
    """The least gas with which a computation of `quick` goes the same way, unless its code looks at the gas.

    A callee gets at most 63/64 of what is left (EIP-150), so a limit of exactly what was used is often too small.
    SSTORE looks at the gas (EIP-2200): whoever uses this as a limit has to try it.
    """
    given = computation.msg.gas
    least = given - computation.get_gas_remaining()
    for left, child in zip(computation.left_at_calls, computation.children, strict=True):
        message = child.msg
        paid = message.value and message.should_transfer_value and not message.is_create
        stipend = GAS_CALLSTIPEND if paid else 0
        before = given - left - (message.gas - stipend)
        needed = max(least_gas(child) - stipend, 0)
        least = max(least, before + needed + (needed + 62) // 63)
    return int(least)
