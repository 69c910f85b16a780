"""What the language provides: the environment, hashes, `abi`, `require`."""

from __future__ import annotations

import hashlib
from typing import Any

from eth_utils.crypto import keccak

from compiler.semantics import typed
from compiler.semantics.types import BytesType, TupleType
from tests.reference.calldata import Given
from tests.reference.chain import recovered
from tests.reference.core import Core, result_types
from tests.reference.decoding import Decoder
from tests.reference.encoding import Encoder
from tests.reference.memory import Bytes
from tests.reference.objects import raw_bytes
from tests.reference.outcomes import (
    ASSERTION,
    DIVISION,
    Halted,
    Reverted,
    Unsupported,
    error_string,
    panic,
)

COINBASE = int.from_bytes(b"\xc0" * 20, "big")
BLOCK_GAS, CHAIN_ID = 30_000_000, 31337


class Builtins(Core):
    """Built-in names."""

    def environment(self, node: typed.Environment) -> Any:
        frame, chain = self.frame, self.frame.chain
        name = node.opcode
        if name == "calldata":
            return Given(frame.data, 0, len(frame.data))
        if name == "sig":
            return int.from_bytes(frame.data[:4].ljust(32, b"\0"), "big")
        words = {
            "address": int.from_bytes(frame.address, "big"),
            "caller": int.from_bytes(frame.sender, "big"),
            "callvalue": frame.value,
            "timestamp": chain.timestamp,
            "number": chain.block_number,
            "coinbase": COINBASE,
            "prevrandao": _hash_of(chain.block_number),
            "gaslimit": BLOCK_GAS,
            "chainid": CHAIN_ID,
            "basefee": 0,
            "blobbasefee": 1,
            "origin": int.from_bytes(chain.origin, "big"),
            "gasprice": 0,
        }
        if name not in words:
            raise Unsupported(name)
        return words[name]

    def bytes_of(self, node: typed.Expr) -> bytes:
        """The bytes that an argument evaluates to."""
        return raw_bytes(self.evaluate(node), node.type, self.slots)

    def _bytes_in_memory(self, node: typed.Expr) -> bytes:
        """The same of an argument that is in memory, or copied there."""
        value = self.evaluate(node)
        if isinstance(value, Given) and value.at + value.length > len(value.data):
            raise Reverted
        return raw_bytes(value, node.type, self.slots)

    def builtin(self, node: typed.Builtin) -> Any:
        name = node.name
        if name == "keccak256":
            return int.from_bytes(keccak(self._bytes_in_memory(node.arguments[0])), "big")
        if name == "sha256":
            return int.from_bytes(hashlib.sha256(self.bytes_of(node.arguments[0])).digest(), "big")
        if name == "ripemd160":
            digest = hashlib.new("ripemd160", self.bytes_of(node.arguments[0])).digest()
            return int.from_bytes(digest, "big") << 96
        values = self.evaluate_all(node.arguments)
        if name == "ecrecover":
            return int.from_bytes(recovered(b"".join(v.to_bytes(32, "big") for v in values)), "big")
        if name in ("addmod", "mulmod"):
            a, b, modulus = values
            if not modulus:
                raise panic(DIVISION)
            return (a + b if name == "addmod" else a * b) % modulus
        if name == "blockhash":
            current = self.frame.chain.block_number
            return _hash_of(values[0]) if current - 256 <= values[0] < current else 0
        if name == "blobhash":
            return 0
        if name in ("send", "transfer"):
            return self._pay(name, *values)
        if name in ("balance", "code", "codehash"):
            return self._account(name, values[0].to_bytes(20, "big"))
        raise Unsupported(name)

    def _pay(self, name: str, address: int, wei: int) -> int:
        """At most the gas of a transfer goes along, so only code that does nothing is modelled."""
        if self.frame.static and wei:
            raise Halted
        ok, data = self.frame.chain.call(
            address.to_bytes(20, "big"), b"", self.frame.address, wei, static=self.frame.static,
            depth=self.frame.depth + 1, stipend=True,
        )  # fmt: skip
        if not ok and name == "transfer":
            raise Reverted(data)
        return int(ok)

    def _account(self, name: str, address: bytes) -> Any:
        account = self.frame.chain.account(address)
        if name == "balance":
            return account.balance
        code = b"" if account.code is None else account.code.runtime()  # type: ignore[attr-defined]
        if name == "code":
            return Bytes(code)
        known = account.code is not None or account.balance or account.nonce
        return int.from_bytes(keccak(code), "big") if known else 0

    # -- abi ---------------------------------------------------------------------------------------

    def abi_encode(self, node: typed.AbiEncode) -> Bytes:
        first = self.evaluate(node.selector) if node.selector is not None else None
        values = self.evaluate_all(node.arguments)
        head = self._head(node.selector, first)
        types = [a.type for a in node.arguments]
        encoder = Encoder(self.slots)
        if node.kind == "packed":
            return Bytes(b"".join(encoder.packed(v, t) for v, t in zip(values, types, strict=True)))
        return Bytes(head + encoder.tuple(values, types))

    def _head(self, selector: typed.Expr | None, value: Any) -> bytes:
        """Nothing, a selector, or the hash of a signature's text as it is now."""
        if selector is None:
            return b""
        if isinstance(selector.type, BytesType):
            return keccak(raw_bytes(value, selector.type, self.slots))[:4]
        return int(value).to_bytes(32, "big")[:4]

    def abi_decode(self, node: typed.AbiDecode) -> Any:
        data = self.bytes_of(node.data)
        values = Decoder(data).tuple(node.types, 0)
        return values if isinstance(node.type, TupleType) else values[0]

    def contract_code(self, node: typed.ContractCode) -> Bytes:
        codes = self.program.codes.get(node.contract.full_name)
        if codes is None:
            raise Unsupported("code that was not made")
        return Bytes(codes[node.runtime])

    # -- failing -----------------------------------------------------------------------------------

    def require(self, node: typed.Require) -> list[Any]:
        """The message or error is evaluated in any case."""
        holds = self.evaluate(node.condition) if node.condition is not None else 0
        values = self.evaluate_all(node.arguments)
        if holds:
            return []
        if node.kind == "assert":
            raise panic(ASSERTION)
        if node.kind == "message":
            raise error_string(raw_bytes(values[0], node.arguments[0].type, self.slots))
        if node.kind == "error":
            assert node.error is not None
            raise self.custom_error(node.error, node.arguments, values)
        raise Reverted

    def custom_error(self, error: Any, nodes: list[typed.Expr], values: list[Any]) -> Reverted:
        selector = keccak(error.signature.encode())[:4]
        return Reverted(selector + Encoder(self.slots).tuple(values, [n.type for n in nodes]))

    def unpack(self, values: list[Any], type_: Any) -> Any:
        """Results of a call as the value of the expression."""
        return values if isinstance(type_, TupleType) else values[0]

    def decode_results(self, data: bytes, type_: Any) -> list[Any]:
        return Decoder(data).tuple(result_types(type_), 0)


def _hash_of(block: int) -> int:
    return int.from_bytes(keccak(block.to_bytes(32, "big")), "big")
