"""Secret codes, what is derived from them, and what their keys sign."""

from __future__ import annotations

from eth_keys.datatypes import PrivateKey
from eth_utils.crypto import keccak

from tests.contracts.calls import encode
from tests.contracts.economy import Economy
from tests.contracts.signing import (
    INVITE_CLAIM,
    REDEEM_CLAIM,
    SECP256K1_N,
    Key,
    claim_digest,
    separator,
)

Claim = tuple[bytes, bytes, int, bytes]


class Codes:
    """Claims for one diamond."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy

    def hash(self, code: str) -> bytes:
        return keccak(text=code)

    def key(self, code: str) -> Key:
        """The key that whoever knows the code has."""
        secret = int.from_bytes(keccak(b"facetworks.invite" + code.encode()), "big") % SECP256K1_N
        private = PrivateKey(secret.to_bytes(32, "big"))
        return Key(private, private.public_key.to_canonical_address())

    def commitment(self, code: str, caller: bytes, salt: bytes) -> bytes:
        return keccak(encode(["string", "address", "bytes32"], [code, caller, salt]))

    def invite_claim(self, code: str, to: bytes, deadline: int, key: Key | None = None) -> Claim:
        """Arguments of `acceptInviteFor`."""
        return self._claim(INVITE_CLAIM, code, to, deadline, key)

    def redeem_claim(self, code: str, to: bytes, deadline: int, key: Key | None = None) -> Claim:
        """Arguments of `redeemFor`."""
        return self._claim(REDEEM_CLAIM, code, to, deadline, key)

    def _claim(self, type_: str, code: str, to: bytes, deadline: int, key: Key | None) -> Claim:
        e = self.economy
        domain = separator("facetworks-invite", "1", e.evm.chain_id, e.diamond)
        digest = claim_digest(domain, type_, self.hash(code), to, deadline)
        return self.hash(code), to, deadline, (key or self.key(code)).sign(digest)
