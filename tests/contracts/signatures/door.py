"""A door: one function that takes a typed message, made ready for one signer.

Everything a test changes, it changes in what is signed; what is sent stays right, so that no earlier check of the function
answers first and the only question left is whose signature this is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from eth_utils.crypto import keccak

from tests.contracts import signing
from tests.contracts.calls import Bound, Receipt, Reverted
from tests.contracts.economy import Economy
from tests.contracts.payments.tab import compact
from tests.contracts.signatures.messages import Message
from tests.contracts.signing import Key

BYTES, PARTS, COMPACT = "bytes", "v, r, s", "r, vs"
ACCEPTED_AGAIN = None  # a replay changes nothing and is no error

Arguments = Callable[[Any], tuple[Any, ...]]


class Signer(NamedTuple):
    """Who is to sign: an account with a key, or a contract without one."""

    address: bytes
    key: Key | None


@dataclass
class Door:
    """`values` are the message's fields in order; `arguments` turns a signature in the door's form into a call."""

    economy: Economy
    message: Message
    at: Bound
    function: str
    values: tuple[Any, ...]
    arguments: Arguments
    sender: bytes
    probe: Callable[[], Any]
    """What of the state the message changes."""
    form: str = BYTES
    verdict: Callable[[Receipt], bool] = field(default=lambda receipt: True)
    """For doors that answer instead of reverting."""

    # -- signing -----------------------------------------------------------------------------

    def digest(
        self,
        values: tuple[Any, ...] | None = None,
        *,
        kind: str | None = None,
        name: str | None = None,
        version: str | None = None,
        chain: int | None = None,
        contract: bytes | None = None,
    ) -> bytes:
        """Of the right message, or of one that differs in what is given."""
        message = self.message
        domain = signing.separator(
            message.name if name is None else name,
            message.version if version is None else version,
            chain or self.economy.evm.chain_id,
            contract or self.at.address,
        )
        struct = signing.struct_hash(kind or message.type, *(values or self.values))
        return signing.digest(domain, struct)

    def changes(self) -> dict[str, tuple[Any, ...]]:
        """Fields, and the message with another value in each."""
        changed = {}
        for place, (kind, name) in enumerate(signing.fields_of(self.message.type)):
            values = list(self.values)
            values[place] = _other(kind, values[place])
            changed[name] = tuple(values)
        return changed

    # -- sending -----------------------------------------------------------------------------

    def call(self, signature: bytes) -> tuple[Any, ...]:
        """The arguments of the call that carries this signature."""
        if self.form == PARTS:
            return self.arguments((signature[64], signature[:32], signature[32:64]))
        if self.form == COMPACT:  # of the recovery byte only the parity is carried
            return self.arguments(compact(signature[:64] + bytes([28 - signature[64] % 2])))
        return self.arguments(signature)

    def send(self, signature: bytes) -> Receipt:
        receipt = self.at.send(self.function, *self.call(signature), sender=self.sender)
        if not self.verdict(receipt):
            raise Reverted(self.function, "BadSignature", (), b"")
        return receipt

    def gas(self, signature: bytes) -> int:
        """What the call costs, whatever comes of it; nothing is kept."""
        data = self.at.data(self.function, *self.call(signature))
        return self.economy.evm.view(self.at.address, data, sender=self.sender).gas_used


class Kind(NamedTuple):
    """A door before it is opened, and what is particular about it."""

    name: str
    message: Message
    open: Callable[[Economy, Signer], Door]
    form: str = BYTES
    contracts: bool = True
    """Whether ERC-1271 counts."""
    refusal: str = "BadSignature"
    replay: str | None = "AuthAlreadyUsed"
    low_v: bool = True
    """Whether 0 and 1 stand for 27 and 28."""
    empty: bool = True
    """Whether a contract's signature may be empty."""
    names_chain: str = ""
    """The error of a message made on another chain, when a field of it depends on the chain id."""


def accepts(door: Door, signature: bytes, refusal: str = "BadSignature") -> bool:
    """Whether this is the message's signature; when not, `refusal` says so and nothing changed. All is undone."""
    mark, before = door.economy.evm.snapshot(), door.probe()
    try:
        door.send(signature)
    except Reverted as failure:
        assert failure.error == refusal, failure
        assert door.probe() == before
        return False
    else:
        assert door.probe() != before
        return True
    finally:
        door.economy.evm.revert(mark)


def _other(kind: str, value: Any) -> Any:
    if kind == "address":
        return keccak(value)[:20]
    if kind == "bytes32":
        return keccak(value)
    return value + 1 if kind.startswith("uint") else value + b"!"
