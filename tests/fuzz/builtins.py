"""Built-in names and members: what a value can be read from beside variables. Nothing that depends on how much code
or gas a compiler needs, other than whether there is any."""

from __future__ import annotations

from tests.fuzz.choices import Choices
from tests.fuzz.types import Type

PEER = "address(uint160(0xbad0))"
UNITS = ("1 wei", "3 gwei", "2 ether", "5 seconds", "7 minutes", "1 hours", "2 days", "1 weeks")
_WORDS = (
    "address(this).balance", "block.timestamp", "msg.data.length", "block.number", "block.basefee",
    "block.blobbasefee", "block.chainid", "block.gaslimit", "block.prevrandao", "block.difficulty",
    "tx.gasprice", f"{PEER}.balance", f"{PEER}.code.length", "uint256(blockhash(block.number - 1))",
    "uint256(blobhash(0))",
)  # fmt: skip
_ADDRESSES = ("address(0)", "address(uint160(0xbeef))", PEER)
_SEEN = ("address(this)", "msg.sender", "tx.origin", "address(block.coinbase)")


def word(c: Choices, pure: bool) -> str:
    """A uint256."""
    return f"uint256({c.pick(UNITS)})" if pure or c.chance(4) else c.pick(_WORDS)


def address(c: Choices, pure: bool) -> str:
    """An address."""
    return c.pick(_ADDRESSES if pure else (*_ADDRESSES, *_SEEN))


def condition(c: Choices, pure: bool) -> str:
    """Whether there is something whose amount is each compiler's own affair."""
    return "true" if pure else c.pick(("(gasleft() > 0)", "(address(this).code.length > 0)"))


def limit(c: Choices, type_: Type) -> str:
    """The smallest or largest value."""
    return f"type({type_.name}).{c.pick(('min', 'max'))}"


def fixed(c: Choices, size: int, pure: bool, interface: bool) -> str:
    """bytes4, bytes20 or bytes32 from a built-in, or nothing."""
    if size == 4 and interface and c.chance(2):
        return "type(Peer).interfaceId"
    if size == 4:
        return "msg.sig"
    if size == 32 and not pure:
        return c.pick((f"{PEER}.codehash", "address(0).codehash", "blockhash(block.number - 2)"))
    return ""
