"""x402 at the operator: what it demands, and a payment header read against exactly that.

A payment counts only when it accepts, field by field, what this operator would demand for this very
request. So one made for another operator, amount, asset, network or scheme pays nothing here.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from x402.http.constants import (
    PAYMENT_REQUIRED_HEADER,
    PAYMENT_RESPONSE_HEADER,
    PAYMENT_SIGNATURE_HEADER,
)
from x402.http.utils import (
    encode_payment_required_header,
    safe_base64_decode,
    safe_base64_encode,
)
from x402.schemas import PaymentPayload, PaymentRequired, PaymentRequirements, ResourceInfo

from harness.protocol.addresses import Address
from harness.protocol.authorization import (
    TRANSFER,
    SignedAuthorization,
    authorization_id,
)
from harness.protocol.json_text import parse_json
from harness.protocol.typed_data import Domain
from harness.protocol.vault import DOMAIN_NAME, DOMAIN_VERSION
from harness.services.operator.answers import Answer, Refusal
from harness.services.operator.settings import OperatorSettings

TIMEOUT_SECONDS = 300
MINIMUM_LIFE = 100  # seconds an authorisation must have left: the model's 90 and the settlement
MAX_HEADER = 16 * 1024
IDENTIFIER = "payment-identifier"
Model = TypeVar("Model", bound=BaseModel)
_KEY = re.compile(r"[A-Za-z0-9_-]{16,128}")
_IDENTIFIER_SCHEMA = {
    "type": "object",
    "properties": {
        "required": {"type": "boolean"},
        "id": {"type": "string", "minLength": 16, "maxLength": 128, "pattern": "^[A-Za-z0-9_-]+$"},
    },
}


class BadPayment(Exception):
    """A payment that is not one for this request: a reason code of the wire and words."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


@dataclass(frozen=True)
class ExactPayment:
    """A signed EIP-3009 transfer for one request. `identity` is (chain, token, payer, nonce)."""

    payload: PaymentPayload
    requirements: PaymentRequirements
    signed: SignedAuthorization
    identity: bytes
    digest: bytes

    @property
    def payer(self) -> Address:
        return self.signed.authorization.payer


class Terms:
    """What this operator demands on either rail."""

    def __init__(self, settings: OperatorSettings, operator: Address) -> None:
        self._settings = settings
        self._operator = operator
        self._token = Domain(
            settings.usdc_name, settings.usdc_version, settings.chain_id, settings.usdc
        )
        relay = settings.relay.rstrip("/")
        for ws, http in (("wss://", "https://"), ("ws://", "http://")):
            if relay.startswith(ws):
                relay = http + relay.removeprefix(ws)
        self.resource = f"{relay.removesuffix('/v1/operator')}/v1/chat/completions"

    def exact(self, amount: int) -> PaymentRequirements:
        """One transfer of `amount` base units."""
        settings = self._settings
        return PaymentRequirements(
            scheme="exact",
            network=settings.network,
            asset=settings.usdc,
            amount=str(amount),
            pay_to=self._operator,
            max_timeout_seconds=TIMEOUT_SECONDS,
            extra={"name": settings.usdc_name, "version": settings.usdc_version},
        )

    def vault(self, ceiling: int) -> PaymentRequirements:
        """A place on a tab for a request of at most `ceiling` base units."""
        settings = self._settings
        return PaymentRequirements(
            scheme="vault",
            network=settings.network,
            asset=settings.usdc,
            amount=str(ceiling),
            pay_to=self._operator,
            max_timeout_seconds=TIMEOUT_SECONDS,
            extra={
                "vault": settings.diamond,
                "domain": {"name": DOMAIN_NAME, "version": DOMAIN_VERSION},
                "sessionScheme": "wallet",
                "creditWindow": str(settings.credit_window_base),
                "minReservation": str(ceiling),
                "facilitator": settings.facilitator,
            },
        )

    def challenge(
        self, accepts: list[PaymentRequirements], reason: str, message: str = ""
    ) -> Refusal:
        """402 with what would be accepted."""
        required = PaymentRequired(
            error=reason,
            resource=ResourceInfo(
                url=self.resource, description="Inference", mime_type="application/json"
            ),
            accepts=accepts,
            extensions={
                IDENTIFIER: {"info": {"required": False}, "schema": _IDENTIFIER_SCHEMA},
            },
        )
        body = required.model_dump(by_alias=True, exclude_none=True)
        words = message or "pay as one of `accepts` says and send the request again"
        error = {"message": words, "type": "payment_required", "code": reason}
        headers = {
            PAYMENT_REQUIRED_HEADER: encode_payment_required_header(required),
            "Cache-Control": "no-store",
        }
        # `error` of the challenge and of our envelope share a name; clients of x402 read the header.
        return Refusal(Answer(402, {**body, "error": error}, headers))

    def exact_payment(self, payload: PaymentPayload, amount: int, now: float) -> ExactPayment:
        """The payment, if it pays `amount` to us and lasts until the answer is there.

        Raises BadPayment.
        """
        requirements = self.exact(amount)
        self.check_accepted(payload, requirements)
        try:
            signed = SignedAuthorization.from_wire(payload.payload)
        except ValueError as bad:
            raise BadPayment("invalid_payload", str(bad)) from None
        authorization = signed.authorization
        if authorization.payee != self._operator:
            raise BadPayment(
                "invalid_exact_evm_payload_recipient_mismatch",
                f"the payment is signed for {authorization.payee}, this operator is "
                f"{self._operator}; ask again and pin X-Halo-Operator",
            )
        if authorization.value != amount:
            raise BadPayment(
                "invalid_exact_evm_payload_authorization_value_mismatch",
                f"signed {authorization.value}, the price is {amount}; sign exactly the price",
            )
        if authorization.valid_before < now + MINIMUM_LIFE:
            raise BadPayment(
                "invalid_exact_evm_payload_authorization_valid_before",
                f"the payment must be valid for {MINIMUM_LIFE} s more, for it is settled "
                "after the answer is made; sign it anew",
            )
        settings = self._settings
        return ExactPayment(
            payload,
            requirements,
            signed,
            authorization_id(
                settings.chain_id, settings.usdc, authorization.payer, authorization.nonce
            ),
            authorization.digest(TRANSFER, self._token.separator),
        )

    def check_accepted(self, payload: PaymentPayload, required: PaymentRequirements) -> None:
        """Raises BadPayment unless the payer accepted exactly what is required."""
        accepted = payload.accepted
        pairs: list[tuple[str, Any, Any]] = [
            ("scheme", accepted.scheme, required.scheme),
            ("network", accepted.network, required.network),
            ("asset", accepted.asset.lower(), required.asset.lower()),
            ("payTo", accepted.pay_to.lower(), required.pay_to.lower()),
            ("amount", accepted.amount, required.amount),
            ("maxTimeoutSeconds", accepted.max_timeout_seconds, required.max_timeout_seconds),
            ("extra", accepted.extra, required.extra),
        ]
        if payload.resource is not None:
            pairs.append(("resource", payload.resource.url, self.resource))
        for name, mine, theirs in pairs:
            if mine != theirs:
                raise not_required(name, mine, theirs)


def not_required(name: str, mine: Any, theirs: Any) -> BadPayment:
    """A payment whose member `name` is not what is asked for."""
    return BadPayment(
        "invalid_payment_requirements",
        f"accepted {name} {str(mine)[:100]!r}, required {str(theirs)[:100]!r}; "
        "ask for the price again",
    )


def read_document(header: str) -> Any:
    """What a payment header holds: base64 of JSON, or the JSON itself. Raises BadPayment."""
    if len(header) > MAX_HEADER:
        raise BadPayment("invalid_payload", f"the payment exceeds {MAX_HEADER} bytes")
    try:
        raw = header if header.startswith("{") else base64.b64decode(header, validate=True)
        return parse_json(raw)
    except (binascii.Error, ValueError) as bad:
        raise BadPayment("invalid_payload", f"not base64 of JSON: {bad}") from None


def read_payload(header: str) -> PaymentPayload:
    """PAYMENT-SIGNATURE. Raises BadPayment."""
    document = read_document(header)
    if not isinstance(document, dict) or document.get("x402Version") != 2:
        raise BadPayment("invalid_x402_version", "only x402 version 2 is served; update the client")
    return validated(PaymentPayload, document)


def validated(model: type[Model], document: Mapping[str, Any]) -> Model:
    """A document of the wire as its model. Raises BadPayment, which names the first wrong member."""
    try:
        return model.model_validate(document)
    except ValidationError as bad:
        first = bad.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise BadPayment("invalid_payload", f"{place}: {first['msg']}") from None


def identifier_of(payload: PaymentPayload) -> str | None:
    """The client's idempotency key in the payment-identifier extension. Raises BadPayment."""
    node: Any = payload.extensions
    for name in (IDENTIFIER, "info", "id"):
        if not isinstance(node, Mapping) or node.get(name) is None:
            return None
        node = node[name]
    return checked_key(node)


def checked_key(key: Any) -> str:
    """An idempotency key of 16 to 128 letters, digits, - and _. Raises BadPayment."""
    if not isinstance(key, str) or _KEY.fullmatch(key) is None:
        raise BadPayment(
            "invalid_payload", "an idempotency key has 16 to 128 letters, digits, - and _"
        )
    return key


def response_header(response: Mapping[str, Any]) -> dict[str, str]:
    """PAYMENT-RESPONSE for these members."""
    return {PAYMENT_RESPONSE_HEADER: safe_base64_encode(json.dumps(dict(response)))}


def read_response(headers: Mapping[str, str]) -> dict[str, Any] | None:
    """The members of an answer's PAYMENT-RESPONSE; None when it has none."""
    text = headers.get(PAYMENT_RESPONSE_HEADER)
    return None if text is None else dict(json.loads(safe_base64_decode(text)))


PAYMENT_HEADER = PAYMENT_SIGNATURE_HEADER.lower()
