"""x402 version 1, for operators that take it: the border where it becomes version 2, and back.

A version-1 payment names scheme and network and repeats no other terms, so it accepts whatever is asked;
from there on it is a version-2 payment like any other, with the same lock, checks and settlement. Answers
are translated on their way out: what is kept of them is version 2, and a retry may come in either.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from x402.http.constants import (
    PAYMENT_REQUIRED_HEADER,
    X_PAYMENT_HEADER,
    X_PAYMENT_RESPONSE_HEADER,
)
from x402.http.utils import safe_base64_encode
from x402.schemas import PaymentPayload, PaymentRequirements
from x402.schemas.v1 import PaymentPayloadV1, PaymentRequirementsV1

from harness.services.operator.answers import Answer
from harness.services.operator.payment import (
    PAYMENT_HEADER,
    BadPayment,
    not_required,
    read_document,
    read_response,
    validated,
)

VERSION1_HEADER = X_PAYMENT_HEADER.lower()
_SCHEME = "exact"
_SETTLEMENT = ("success", "errorReason", "transaction", "payer")  # beside the network


@dataclass(frozen=True)
class Version1Payment:
    """What X-PAYMENT holds; `network` is a name such as base."""

    scheme: str
    network: str
    payload: dict[str, Any]

    def accepting(self, required: PaymentRequirements) -> PaymentPayload:
        """The version-2 payment of what is required. Raises BadPayment for another scheme or network."""
        if self.scheme != _SCHEME:
            raise not_required("scheme", self.scheme, _SCHEME)
        name = network_name(str(required.network))
        if self.network != name:
            raise not_required("network", self.network, name)
        return PaymentPayload(accepted=required, payload=self.payload)


def network_name(network: str) -> str | None:
    """What version 1 calls a CAIP-2 network; None for one that it has no name for."""
    # The SDK's table comes with a whole Ethereum client, so only who asks waits for it.
    from x402.mechanisms.evm.v1.constants import V1_NETWORK_CHAIN_IDS

    names = {f"eip155:{chain}": name for name, chain in V1_NETWORK_CHAIN_IDS.items()}
    return names.get(network)


def _name(network: str) -> str:
    """For what we say: our own network has a name, or the start was refused."""
    return network_name(network) or network


def read_version1(header: str) -> Version1Payment:
    """X-PAYMENT (base64 of JSON, or the JSON itself). Raises BadPayment."""
    document = read_document(header)
    if not isinstance(document, dict) or document.get("x402Version") != 1:
        raise BadPayment(
            "invalid_x402_version",
            "X-PAYMENT carries x402 version 1; version 2 belongs in PAYMENT-SIGNATURE",
        )
    read = validated(PaymentPayloadV1, document)
    return Version1Payment(read.scheme, read.network, read.payload)


def translated(answer: Answer, asked: Mapping[str, str]) -> Answer:
    """An answer to a request with these lower-case headers, with what a version-1 client reads in it.

    A demand says it in its body, except to those who have shown that they read PAYMENT-REQUIRED.
    """
    newer = PAYMENT_HEADER in asked or "x-halo-probe" in asked
    if PAYMENT_REQUIRED_HEADER in answer.headers and not newer:
        answer = replace(answer, body=_demand(answer.body))
    settlement = read_response(answer.headers)
    if settlement is not None and VERSION1_HEADER in asked:
        told = {name: settlement[name] for name in _SETTLEMENT if name in settlement}
        told["network"] = _name(settlement["network"])
        header = {X_PAYMENT_RESPONSE_HEADER: safe_base64_encode(json.dumps(told))}
        answer = replace(answer, headers={**answer.headers, **header})
    return answer


def _demand(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a 402 as version 1 has it. `error` is a string there: ours goes beside it.

    Clients check every offer, so the schemes that version 1 has not are left out.
    """
    resource, envelope = body["resource"], body["error"]
    offers = [
        PaymentRequirementsV1(
            scheme=offer["scheme"],
            network=_name(offer["network"]),
            max_amount_required=offer["amount"],
            resource=resource["url"],
            description=resource["description"],
            mime_type=resource["mimeType"],
            pay_to=offer["payTo"],
            max_timeout_seconds=offer["maxTimeoutSeconds"],
            asset=offer["asset"],
            extra=offer["extra"],
        ).model_dump(by_alias=True, exclude_none=True)
        for offer in body["accepts"]
        if offer["scheme"] == _SCHEME
    ]
    return {**body, **envelope, "x402Version": 1, "error": envelope["code"], "accepts": offers}
