"""Instructions that read the message, the transaction, the block or an account, and GAS."""

from __future__ import annotations

from typing import Any

from eth.vm.forks.berlin import logic as berlin
from eth.vm.logic import block, context, flow

from harness.chain.interpreter.instructions import Instruction, Logic, borrowed


def _address(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(int.from_bytes(computation.msg.storage_address, "big"))


def _caller(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(int.from_bytes(computation.msg.sender, "big"))


def _callvalue(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(computation.msg.value)


def _calldatasize(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(len(computation.msg.data))


def _returndatasize(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(len(computation.return_data))


def _gas(stack: list[int], operand: Any, computation: Any) -> None:
    stack.append(computation._gas_meter.gas_remaining)


INSTRUCTIONS: dict[Logic, Instruction] = {
    context.address: Instruction(_address, 0, 1),
    context.caller: Instruction(_caller, 0, 1),
    context.callvalue: Instruction(_callvalue, 0, 1),
    context.calldatasize: Instruction(_calldatasize, 0, 1),
    context.returndatasize: Instruction(_returndatasize, 0, 1),
    flow.gas: Instruction(_gas, 0, 1, exact=True),
    **{
        logic: borrowed(logic, 0)
        for logic in (
            context.origin,
            context.gasprice,
            context.chain_id,
            context.selfbalance,
            block.coinbase,
            block.timestamp,
            block.number,
            block.mixhash,
            block.gaslimit,
            block.basefee,
            block.blob_base_fee,
        )
    },
    **{
        logic: borrowed(logic, 1)
        for logic in (
            berlin.balance_eip2929,
            berlin.extcodesize_eip2929,
            berlin.extcodehash_eip2929,
            block.blockhash,
        )
    },
}
