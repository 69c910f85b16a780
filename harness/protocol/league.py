"""What operators tell the League, and what is signed to pair a wallet with a dashboard.

An event names one paid answer. It earns nothing by itself: the indexer attaches it to value that moved
on chain. Amounts in USDC base units (six decimals). All texts are signed as EIP-191 personal messages.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from harness.protocol.addresses import Address, to_address
from harness.protocol.authorization import DigestSigner
from harness.protocol.personal import personal_sign, recover_personal

MAX_ID_BYTES = 128
MAX_MODEL_BYTES = 256
MAX_TOKENS = 10_000_000
MAX_AMOUNT = 10**12
MAX_DURATION_MS = 86_400_000
MAX_CYCLE = 2**53 - 1
MAX_CHECKPOINT = 2**63 - 1  # the vault's own words are narrower

VAULT_VERSION = 2
PAIRING_SECONDS = 300

_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_SIGNATURE = re.compile(r"0x[0-9a-fA-F]{130}")
_DECIMAL = re.compile(r"[1-9][0-9]{0,18}")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_LATEST_MS = 4_102_444_800_000  # the year 2100: what is later is a unit mistaken

_SHARED = (
    "id", "operator", "consumer", "model", "tokens", "amountUsdc", "durationMs", "timestamp",
    "txHash", "mode", "signature",
)  # fmt: skip
_VAULT = frozenset((*_SHARED, "eventVersion", "vaultCycle", "cumulativeCheckpoint"))
_EXACT = frozenset(_SHARED)


class EventError(ValueError):
    """An event that cannot be taken; `code` is the wire's word for what is wrong."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class VaultEvent:
    """An answer paid on the vault rail.

    `timestamp` is ISO 8601 with milliseconds and Z; `cumulative_checkpoint` is what all answers of this
    cycle came to that had ended once this one had, base units. Streams that still ran are no part of it.
    """

    id: str
    operator: Address
    consumer: Address
    model: str | None
    tokens: int
    amount_usdc: int
    duration_ms: int
    timestamp: str
    vault_cycle: int
    cumulative_checkpoint: int
    signature: str = ""

    def message(self) -> str:
        """What the operator signs."""
        fields = [
            VAULT_VERSION,
            self.id,
            self.operator.lower(),
            self.consumer.lower(),
            self.model,
            self.tokens,
            str(self.amount_usdc),
            self.duration_ms,
            self.timestamp,
            None,
            "vault",
            self.vault_cycle,
            str(self.cumulative_checkpoint),
        ]
        text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
        return "halo-vault-event-v2:" + text

    @property
    def at_ms(self) -> int:
        """Milliseconds since the epoch."""
        return _milliseconds(self.timestamp)

    def signed(self, signer: DigestSigner) -> VaultEvent:
        """The same event with the operator's signature."""
        return replace(self, signature=personal_sign(signer, self.message()))

    def to_wire(self) -> dict[str, Any]:
        return {
            "eventVersion": VAULT_VERSION,
            "id": self.id,
            "operator": self.operator.lower(),
            "consumer": self.consumer.lower(),
            "model": self.model,
            "tokens": self.tokens,
            "amountUsdc": str(self.amount_usdc),
            "durationMs": self.duration_ms,
            "timestamp": self.timestamp,
            "txHash": None,
            "mode": "vault",
            "vaultCycle": self.vault_cycle,
            "cumulativeCheckpoint": str(self.cumulative_checkpoint),
            "signature": self.signature,
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> VaultEvent:
        """Strict: exactly these members, of these types and sizes. Raises EventError."""
        _keys(wire, _VAULT)
        if type(wire["eventVersion"]) is not int or wire["eventVersion"] != VAULT_VERSION:
            raise EventError("invalid_event_version", f"eventVersion must be {VAULT_VERSION}")
        if wire["txHash"] is not None:
            raise EventError("invalid_tx_hash", "txHash of a vault event must be null")
        amount = _amount(wire, "amountUsdc", MAX_AMOUNT, "invalid_amount")
        checkpoint = _amount(wire, "cumulativeCheckpoint", MAX_CHECKPOINT, "invalid_checkpoint")
        if checkpoint < amount:
            raise EventError("invalid_checkpoint", "cumulativeCheckpoint is below amountUsdc")
        return cls(
            id=_id(wire),
            operator=_address(wire, "operator"),
            consumer=_address(wire, "consumer"),
            model=_model(wire),
            tokens=_number(wire, "tokens", MAX_TOKENS, "invalid_tokens"),
            amount_usdc=amount,
            duration_ms=_number(wire, "durationMs", MAX_DURATION_MS, "invalid_duration"),
            timestamp=_timestamp(wire),
            vault_cycle=_number(wire, "vaultCycle", MAX_CYCLE, "invalid_vault_cycle", least=1),
            cumulative_checkpoint=checkpoint,
            signature=_signature(wire),
        )


@dataclass(frozen=True)
class ExactEvent:
    """An answer paid by one transfer. `timestamp` in milliseconds since the epoch."""

    id: str
    operator: Address
    consumer: Address
    model: str | None
    tokens: int
    amount_usdc: int
    duration_ms: int
    timestamp: int
    tx_hash: str
    signature: str = ""

    def message(self) -> str:
        """What the operator signs."""
        operator, consumer = self.operator.lower(), self.consumer.lower()
        return (
            f"halo-event:{self.id}:{operator}:{consumer}"
            f":{self.amount_usdc}:{self.tokens}:{self.timestamp}"
        )

    @property
    def at_ms(self) -> int:
        """Milliseconds since the epoch."""
        return self.timestamp

    def signed(self, signer: DigestSigner) -> ExactEvent:
        """The same event with the operator's signature."""
        return replace(self, signature=personal_sign(signer, self.message()))

    def to_wire(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "operator": self.operator.lower(),
            "consumer": self.consumer.lower(),
            "model": self.model,
            "tokens": self.tokens,
            "amountUsdc": str(self.amount_usdc),
            "durationMs": self.duration_ms,
            "timestamp": self.timestamp,
            "txHash": self.tx_hash,
            "mode": "exact",
            "signature": self.signature,
        }

    @classmethod
    def from_wire(cls, wire: Mapping[str, Any]) -> ExactEvent:
        """Strict: exactly these members, of these types and sizes. Raises EventError."""
        _keys(wire, _EXACT)
        found = wire["txHash"]
        if not isinstance(found, str) or _HASH.fullmatch(found) is None:
            raise EventError("invalid_tx_hash", "txHash must be 0x and 64 hex digits")
        return cls(
            id=_id(wire),
            operator=_address(wire, "operator"),
            consumer=_address(wire, "consumer"),
            model=_model(wire),
            tokens=_number(wire, "tokens", MAX_TOKENS, "invalid_tokens"),
            amount_usdc=_amount(wire, "amountUsdc", MAX_AMOUNT, "invalid_amount"),
            duration_ms=_number(wire, "durationMs", MAX_DURATION_MS, "invalid_duration"),
            timestamp=_number(wire, "timestamp", _LATEST_MS, "invalid_timestamp", least=1),
            tx_hash=found.lower(),
            signature=_signature(wire),
        )


Event = VaultEvent | ExactEvent


def event_from_wire(wire: Mapping[str, Any]) -> Event:
    """Either kind, by its `mode`. Raises EventError."""
    mode = wire.get("mode")
    if mode == "vault":
        return VaultEvent.from_wire(wire)
    if mode == "exact":
        return ExactEvent.from_wire(wire)
    raise EventError("invalid_mode", "mode must be vault or exact")


def check_signature(event: Event) -> None:
    """EventError unless the operator that the event names signed it."""
    try:
        signer = recover_personal(event.message(), event.signature)
    except ValueError as bad:
        raise EventError("invalid_signature", str(bad)) from None
    if signer != event.operator:
        raise EventError("invalid_signature", "the signature is not the operator's")


def iso_timestamp(milliseconds: int) -> str:
    """Milliseconds since the epoch, as a VaultEvent carries them."""
    whole = datetime.fromtimestamp(milliseconds // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{whole}.{milliseconds % 1000:03d}Z"


def heartbeat_message(address: Address, ts: int, nonce: str) -> str:
    """Signed by an operator every 30 s; `ts` in milliseconds since the epoch."""
    return f"halo-heartbeat:{address.lower()}:{ts}:{nonce}"


def link_init_message(address: Address, code: str, nonce: str, expires_at: int) -> str:
    """Signed by the wallet that wants to be paired; `expires_at` in seconds since the epoch."""
    return f"halo-link-init:{address.lower()}:{code}:{nonce}:{expires_at}"


def link_claim_message(dashboard: Address, code: str) -> str:
    """Signed by the dashboard wallet that was told the code."""
    return f"halo-link-claim:{dashboard.lower()}:{code}"


def link_unlink_message(operator: Address, dashboard: Address, expires_at: int) -> str:
    """Signed by either wallet of a pair to part them; `expires_at` in seconds since the epoch."""
    return f"halo-link-unlink:{operator.lower()}:{dashboard.lower()}:{expires_at}"


def link_list_message(dashboard: Address, expires_at: int) -> str:
    """Signed by a dashboard wallet to see what is linked to it; `expires_at` in seconds."""
    return f"halo-link-list:{dashboard.lower()}:{expires_at}"


# -- members ---------------------------------------------------------------------------------------


def _keys(wire: Mapping[str, Any], wanted: frozenset[str]) -> None:
    if set(wire) != wanted:
        wrong = sorted(str(name) for name in set(wire) ^ wanted)
        raise EventError("invalid_event_schema", f"missing or unknown: {', '.join(wrong)[:200]}")


def _id(wire: Mapping[str, Any]) -> str:
    value = wire["id"]
    if not isinstance(value, str) or _ID.fullmatch(value) is None:
        raise EventError("invalid_event_id", f"id must be 1 to {MAX_ID_BYTES} of A-Z a-z 0-9 _ -")
    return value


def _address(wire: Mapping[str, Any], name: str) -> Address:
    value = wire[name]
    if not isinstance(value, str) or _ADDRESS.fullmatch(value) is None:
        raise EventError(f"invalid_{name}", f"{name} must be 0x and 40 hex digits")
    return to_address(value.lower())


def _model(wire: Mapping[str, Any]) -> str | None:
    value = wire["model"]
    if value is None:
        return None
    if not isinstance(value, str) or not value or _CONTROL.search(value) is not None:
        raise EventError("invalid_model", "model must be null or text without control characters")
    if len(value.encode()) > MAX_MODEL_BYTES:
        raise EventError("invalid_model", f"model has more than {MAX_MODEL_BYTES} bytes")
    return value


def _number(wire: Mapping[str, Any], name: str, most: int, code: str, least: int = 0) -> int:
    value = wire[name]
    if type(value) is not int or not least <= value <= most:
        raise EventError(code, f"{name} must be a whole number from {least} to {most}")
    return value


def _amount(wire: Mapping[str, Any], name: str, most: int, code: str) -> int:
    value = wire[name]
    if not isinstance(value, str) or _DECIMAL.fullmatch(value) is None or int(value) > most:
        raise EventError(code, f"{name} must be a decimal string from 1 to {most}")
    return int(value)


def _timestamp(wire: Mapping[str, Any]) -> str:
    value = wire["timestamp"]
    if isinstance(value, str) and _ISO.fullmatch(value) is not None:
        try:
            if 0 < _milliseconds(value) <= _LATEST_MS:
                return value
        except ValueError:
            pass
    raise EventError("invalid_timestamp", "timestamp must look like 2027-01-15T08:00:00.000Z")


def _milliseconds(timestamp: str) -> int:
    seconds = datetime.strptime(timestamp[:19], "%Y-%m-%dT%H:%M:%S").replace(tzinfo=UTC)
    return int(seconds.timestamp()) * 1000 + int(timestamp[20:23])


def _signature(wire: Mapping[str, Any]) -> str:
    value = wire["signature"]
    if not isinstance(value, str) or _SIGNATURE.fullmatch(value) is None:
        raise EventError("invalid_signature", "signature must be 0x and 130 hex digits")
    return value.lower()
