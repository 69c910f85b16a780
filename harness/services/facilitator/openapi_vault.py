"""The wire models of the vault routes, the audit and the bazaar, for the OpenAPI document. Amounts and times are decimal strings."""

from __future__ import annotations

from typing import Any

_ADDRESS = {"type": "string", "pattern": "^0x[0-9a-fA-F]{40}$"}
_HASH = {"type": "string", "pattern": "^0x[0-9a-f]{64}$"}
_SIGNATURE = {"type": "string", "pattern": "^0x[0-9a-fA-F]{130}$"}
_DECIMAL = {"type": "string", "pattern": "^(0|[1-9][0-9]*)$"}
_NATURAL = {"type": "integer", "minimum": 0}
_TEXT = {"type": "string"}


def _object(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


def _status(name: str, **members: Any) -> dict[str, Any]:
    return _object(status={"const": name}, **members)


_PAIR = {"consumer": _ADDRESS, "operator": _ADDRESS}
_ABOUT = {"cumulative": _DECIMAL, "cycle": _DECIMAL}
_REASONS = ["invalid-request", "cycle-mismatch", "invalid-receipt", "unavailable"]

VAULT_SCHEMAS: dict[str, Any] = {
    "VaultInfo": _object(
        vault=_ADDRESS,
        chainId=_NATURAL,
        token=_ADDRESS,
        domain=_object(name=_TEXT, version=_TEXT),
        redeemGrace=_NATURAL,
        maxReserveTtl=_NATURAL,
        withdrawTimelock=_NATURAL,
        feeBps=_NATURAL,
    ),
    "VaultConsumer": _object(consumer=_ADDRESS),
    "VaultPair": _object(**_PAIR),
    "VaultState": _object(
        balance=_DECIMAL,
        lockedTotal=_DECIMAL,
        withdrawable=_DECIMAL,
        sessionKey=_ADDRESS,
        reserveNonce=_DECIMAL,
        keyEpoch=_DECIMAL,
        withdrawRequestedAt=_DECIMAL,
        withdrawAuthorized=_DECIMAL,
    ),
    "VaultOps": _object(
        locked=_DECIMAL, redeemed=_DECIMAL, expiry=_DECIMAL, created=_DECIMAL, cycle=_DECIMAL
    ),
    "VaultReserve": _object(
        **_PAIR, amount=_DECIMAL, expiry=_DECIMAL, nonce=_DECIMAL, signature=_SIGNATURE
    ),
    "VaultReserved": {
        "oneOf": [
            _status("broadcast", hash=_HASH),
            _status("confirmed", hash=_HASH, cycle=_DECIMAL, expiry=_DECIMAL),
        ]
    },
    "VaultRedeem": _object(**_PAIR, **_ABOUT, signature=_SIGNATURE),
    "VaultRedeemed": {
        "oneOf": [
            _status("confirmed", transaction=_HASH, **_ABOUT),
            _status("already-redeemed", redeemed=_DECIMAL, cycle=_DECIMAL),
            _status("pending", transaction=_TEXT, **_ABOUT, coalesced={"type": "boolean"}),
            _status("reverted", transaction=_HASH, **_ABOUT),
            _status("rejected", reason={"enum": _REASONS}, error=_TEXT),
        ]
    },
    "Resources": _object(
        x402Version=_NATURAL,
        items={"type": "array", "items": {"type": "object"}},
        pagination=_object(limit=_NATURAL, offset=_NATURAL, total=_NATURAL),
    ),
    "VaultSent": _object(hash=_HASH),
    "Audit": _object(
        next=_NATURAL,
        rows={
            "type": "array",
            "items": _object(
                number=_NATURAL,
                at={"type": "number"},
                event=_TEXT,
                subject=_TEXT,
                detail={"type": "object"},
                previous=_HASH,
                hash=_HASH,
            ),
        },
    ),
}
