"""What can go wrong between us and a chain. Messages are lower-case and carry the values."""

from __future__ import annotations

from enum import Enum
from typing import Any

from harness.errors import HarnessError


class ChainError(HarnessError):
    """Base of everything a chain can answer instead of a result."""


class NodeError(ChainError):
    """The node did not answer, or answered something that is not JSON-RPC.

    `code`, `message` and `data` are those of the JSON-RPC error object; `code` is None when there
    was no answer at all.
    """

    exit_code = 4

    def __init__(self, message: str, code: int | None = None, data: Any = None) -> None:
        self.code = code
        self.message = message
        self.data = data
        super().__init__(message)


class ContractError(ChainError):
    """A call reverted.

    `name` is the Solidity error's name, or None when the data matches no known error; `args` holds
    its values by parameter name; `data` is the raw revert data. `Error(string)` and
    `Panic(uint256)` are errors like any other, with parameters `message` and `code`.
    """

    exit_code = 5

    def __init__(
        self,
        data: bytes,
        name: str | None = None,
        arguments: dict[str, Any] | None = None,
        note: str = "",
    ) -> None:
        self.data = data
        self.name = name
        self.arguments: dict[str, Any] = arguments or {}
        self.note = note
        super().__init__(self.describe())

    @property
    def args(self) -> dict[str, Any]:  # type: ignore[override]
        return self.arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.data, self.name, self.arguments, self.note))

    def __str__(self) -> str:
        return self.describe()

    def describe(self) -> str:
        """The one-line message: `call reverted: NotDue(id=7, nextRun=1700000060)`."""
        if self.name is None:
            what = f"unknown error 0x{self.data.hex()}" if self.data else "no reason given"
        else:
            what = f"{self.name}({', '.join(f'{k}={_show(v)}' for k, v in self.arguments.items())})"
        explanation = f" ({self.note})" if self.note else ""
        return f"call reverted: {what}{explanation}"


class Refusal(Enum):
    """Why a node refused signed bytes."""

    NONCE_TOO_LOW = "its nonce is already used"
    UNDERPRICED = "its fee is too low"
    INSUFFICIENT_FUNDS = "the sender cannot pay for it"
    OTHER = "the node gave another reason"


class TransactionRejected(ChainError):
    """The node refused the bytes; `refusal` is what that means, the message has the node's words."""

    exit_code = 5

    def __init__(self, refusal: Refusal, message: str) -> None:
        self.refusal = refusal
        super().__init__(f"transaction refused, {refusal.value}: {message}")


class ReceiptTimeout(ChainError):
    """The transaction was sent but not mined in time. It stays journaled and can still be mined."""

    exit_code = 75

    def __init__(self, transaction: bytes, seconds: float) -> None:
        self.transaction = transaction
        super().__init__(f"transaction 0x{transaction.hex()} not mined after {seconds:g} s")


class TransactionDisplaced(ChainError):
    """Another transaction of the same sender consumed the nonce; ours can never be mined."""

    exit_code = 5

    def __init__(self, sender: str, nonce: int) -> None:
        self.sender = sender
        self.nonce = nonce
        super().__init__(
            f"nonce {nonce} of {sender} was consumed by a transaction signed elsewhere"
        )


class WrongChain(ChainError):
    """The chain is not the one that was recorded: its id or its genesis block differs."""

    exit_code = 78


def _show(value: Any) -> str:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    return str(value)
