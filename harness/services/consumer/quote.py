"""What an operator asks for one request on the exact rail, and the reasons not to sign it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from x402.http.utils import decode_payment_required_header
from x402.schemas import PaymentRequired, PaymentRequirements

from harness.protocol.addresses import ZERO_ADDRESS, Address, to_address
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import RelayReply
from harness.services.consumer.settings import ConsumerSettings

LIFETIME_SECONDS = 300  # an authorisation outlives inference and settlement, and little more


@dataclass(frozen=True)
class Quote:
    """Requirements that may be signed. `amount` in base units."""

    required: PaymentRequired
    accepted: PaymentRequirements
    payee: Address
    amount: int

    @property
    def lifetime(self) -> int:
        return min(self.accepted.max_timeout_seconds, LIFETIME_SECONDS)


def read_quote(
    reply: RelayReply, operator: Address, wallet: Address, settings: ConsumerSettings, cap: int
) -> Quote:
    """The one acceptable option of a 402, at most `cap` base units. Raises Refusal: upstream_error, over_cap.

    Everything the signature will bind is compared with what we know: network, token, payee, amount.
    """
    header = reply.headers.get("payment-required")
    try:
        required = decode_payment_required_header(header or "")
    except (ValueError, TypeError, KeyError):
        required = None
    if not isinstance(required, PaymentRequired):
        raise Refusal("upstream_error", "The operator asks for a payment in no form we know.")
    option = next(
        (a for a in required.accepts if a.scheme == "exact" and a.network == settings.network), None
    )
    if option is None:
        raise Refusal(
            "upstream_error", f"The operator takes no exact payment on {settings.network}."
        )
    if _address(option.asset) != settings.usdc:
        raise Refusal(
            "upstream_error",
            f"The operator asks for the token {option.asset}, this wallet pays in {settings.usdc}.",
            expected=settings.usdc,
        )
    _check_domain(option.extra or {}, settings)
    payee = _payee(option.pay_to, operator, reply.operator, wallet, settings)
    amount = _amount(option.amount)
    if amount > cap:
        raise Refusal(
            "over_cap",
            f"The operator asks {amount} base units; the ceiling of one request is {cap}.",
            requiredBase=str(amount),
            maxBase=str(cap),
        )
    if option.max_timeout_seconds < 10:
        raise Refusal("upstream_error", "The operator's payment would expire before it is used.")
    return Quote(required, option, payee, amount)


def _check_domain(extra: dict[str, Any], settings: ConsumerSettings) -> None:
    method = extra.get("assetTransferMethod")
    if method not in (None, "eip3009"):
        raise Refusal("upstream_error", "The operator takes no EIP-3009 payment.")
    named = extra.get("name", settings.usdc_name), extra.get("version", settings.usdc_version)
    if named != (settings.usdc_name, settings.usdc_version):
        raise Refusal("upstream_error", "The operator names another signing domain for the token.")


def _payee(
    pay_to: str,
    operator: Address,
    answered: Address | None,
    wallet: Address,
    settings: ConsumerSettings,
) -> Address:
    """The operator we chose, and nobody whom money cannot leave again."""
    payee = _address(pay_to)
    if answered is not None and answered != operator:
        raise Refusal(
            "upstream_error", f"The relay let {answered} answer for the chosen operator {operator}."
        )
    if payee != operator:
        raise Refusal(
            "upstream_error",
            f"The operator {operator} asks to be paid at {pay_to}, which is not its address.",
        )
    trap = {ZERO_ADDRESS, settings.usdc, settings.diamond}
    if payee in trap or (payee == wallet and not settings.allow_self):
        raise Refusal("upstream_error", f"Nothing is paid to {payee}: it would be lost.")
    return payee


def _amount(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > 30 or int(text) == 0:
        raise Refusal("upstream_error", "The operator asks for an amount that is none.")
    return int(text)


def _address(text: str) -> Address | None:
    try:
        return to_address(text.lower())
    except ValueError:
        return None
