"""Requests that are right, signatures and all: what is bent from these comes past the first check."""

from __future__ import annotations

import time
from typing import Any

from harness.clients.indexer import EXPIRES_HEADER, SIGNATURE_HEADER
from harness.devnet.world import dev_key
from harness.protocol.authorization import TRANSFER, sign
from harness.protocol.league import ExactEvent, VaultEvent, heartbeat_message, iso_timestamp
from harness.protocol.personal import personal_sign
from harness.protocol.vault import Receipt, Reservation
from tests.crash.theatre import Theatre

PRICE = 2_500  # base units
_LATER = 2_000_000_000

Corpus = dict[tuple[str, str], list[Any]]  # service and path -> bodies


def corpus(stage: Theatre) -> Corpus:
    """Bodies for the endpoints that take signatures or buy something."""
    return {
        **_facilitator(stage),
        ("relay", "/v1/receipt"): [_receipt(stage)],
        ("relay", "/v1/chat/completions"): [chat(), {**chat(), "stream": True}],
        ("indexer", "/heartbeat"): [_heartbeat()],
        ("indexer", "/v1/events"): [_vault_event(), _exact_event()],
        ("indexer", "/v1/events/batch"): [{"events": [_vault_event(), _exact_event()]}],
        **{
            (sidecar, path): bodies
            for sidecar in ("exact", "vault")
            for path, bodies in {
                "/v1/chat/completions": [chat(), {**chat(), "stream": True}],
                "/v1/messages": [{**chat(), "system": "be brief"}],
                "/v1/budget": [{"limitUsd": 30}],
            }.items()
        },
    }


def chat() -> dict[str, Any]:
    return {
        "model": "mock-echo",
        "messages": [{"role": "user", "content": "a question"}],
        "max_tokens": 16,
        "stream": False,
    }


def _facilitator(stage: Theatre) -> Corpus:
    payment = _payment(stage)
    pair = {"consumer": dev_key("bob").address, "operator": dev_key("operator").address}
    return {
        ("facilitator", "/verify"): [payment],
        ("facilitator", "/settle"): [payment],
        ("facilitator", "/vault/state"): [{"consumer": pair["consumer"]}],
        ("facilitator", "/vault/ops"): [pair],
        ("facilitator", "/vault/release"): [pair],
        ("facilitator", "/vault/reserve"): [_reservation(stage)],
        ("facilitator", "/vault/redeem"): [_receipt(stage)],
    }


def _payment(stage: Theatre) -> dict[str, Any]:
    payee = dev_key("operator").address
    signed = sign(
        dev_key("alice"), TRANSFER, stage.dollar.domain.separator,
        payee=payee, value=PRICE, valid_before=int(time.time()) + 3_000,
    )  # fmt: skip
    required = {
        "scheme": "exact",
        "network": f"eip155:{stage.chain.chain_id}",
        "asset": stage.dollar.address,
        "amount": str(PRICE),
        "payTo": payee,
        "maxTimeoutSeconds": 60,
        "extra": {"name": "USD Coin", "version": "2"},
    }
    return {
        "x402Version": 2,
        "paymentPayload": {"x402Version": 2, "accepted": required, "payload": signed.to_wire()},
        "paymentRequirements": required,
    }


def _reservation(stage: Theatre) -> dict[str, Any]:
    bob, vault = dev_key("bob"), stage.vault
    nonce, epoch = vault.reserve_nonce(bob.address), vault.key_epoch(bob.address)
    wanted = Reservation(
        bob.address, dev_key("operator").address, 1_000, int(time.time()) + 3_000, nonce, epoch
    )
    signature = wanted.sign(bob, vault.vault_domain_separator())
    return {
        "consumer": wanted.consumer, "operator": wanted.operator, "amount": str(wanted.amount),
        "expiry": str(wanted.expiry), "nonce": str(nonce), "signature": "0x" + signature.hex(),
    }  # fmt: skip


def _receipt(stage: Theatre) -> dict[str, Any]:
    bob, operator, vault = dev_key("bob"), dev_key("operator").address, stage.vault
    cycle = max(1, vault.ops(bob.address, operator).cycle)
    receipt = Receipt(bob.address, operator, 1, vault.key_epoch(bob.address), cycle)
    signed = receipt.sign(bob, vault.vault_domain_separator())
    return {
        "consumer": receipt.consumer, "operator": operator, "cumulative": "1", "cycle": str(cycle),
        "signature": "0x" + signed.signature.hex(),
    }  # fmt: skip


def _heartbeat() -> dict[str, Any]:
    operator, now, nonce = dev_key("operator"), int(time.time() * 1000), "a-nonce-of-its-own"
    return {
        "address": operator.address.lower(),
        "ts": now,
        "nonce": nonce,
        "signature": personal_sign(operator, heartbeat_message(operator.address, now, nonce)),
        "label": "an operator",
        "models": ["mock-echo"],
    }


def _vault_event() -> dict[str, Any]:
    now = int(time.time() * 1000)
    return (
        VaultEvent(
            id="event-1", operator=dev_key("operator").address, consumer=dev_key("bob").address,
            model="mock-echo", tokens=12, amount_usdc=600, duration_ms=40,
            timestamp=iso_timestamp(now), vault_cycle=1, cumulative_checkpoint=600,
        )
        .signed(dev_key("operator"))
        .to_wire()
    )  # fmt: skip


def _exact_event() -> dict[str, Any]:
    return (
        ExactEvent(
            id="event-2", operator=dev_key("operator").address, consumer=dev_key("alice").address,
            model=None, tokens=12, amount_usdc=600, duration_ms=40,
            timestamp=int(time.time() * 1000), tx_hash="0x" + "12" * 32,
        )
        .signed(dev_key("operator"))
        .to_wire()
    )  # fmt: skip


def headers() -> list[str]:
    """Names that some service reads."""
    return [
        "authorization", "accept", "accept-encoding", "content-encoding", "origin", "host", "connection",
        "expect", "transfer-encoding", "content-length", "range", "if-none-match", "upgrade", "cookie",
        "x-forwarded-for", "idempotency-key", "payment-signature", "x-payment", "x-halo-operator",
        "x-halo-routing", "x-halo-max-price", "x-halo-privacy", "x-halo-confidential", "x-halo-probe",
        "x-halo-payment-mode", "x-halo-vault-consumer", "x-halo-vault-proof", "x-halo-receipt",
        "x-halo-cli-version", "x-halo-client-version", "x-halo-budget-token", "x-client-pub-key",
        "x-signing-algo", "x-encryption-version", "access-control-request-method",
        EXPIRES_HEADER.lower(), SIGNATURE_HEADER.lower(),
    ]  # fmt: skip


def words(stage: Theatre) -> tuple[str, ...]:
    """Texts that mean something on this stage."""
    return (
        "mock-echo", "exact", f"eip155:{stage.chain.chain_id}", "eip155:1", "solana:mainnet",
        dev_key("alice").address, dev_key("operator").address, stage.dollar.address, str(_LATER),
        stage.vault.address, "0", "1", "1000", "a text", "", "2026-01-01T00:00:00.000Z",
        "https://example.com/a", "USD Coin", "2", "user", "assistant", "tool",
    )  # fmt: skip
