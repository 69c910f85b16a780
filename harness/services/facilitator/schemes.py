"""The SDK's scheme objects for this facilitator: EIP-3009 and Permit2 by the SDK itself, x402facet by ours.

The SDK knows a scheme by network and name only, so one dispatcher per name is registered and looks at
the transfer method the server asked for.
"""

from __future__ import annotations

from typing import Any

from x402 import x402FacilitatorSync
from x402.extensions.eip2612_gas_sponsoring import EIP2612_GAS_SPONSORING_KEY
from x402.interfaces import FacilitatorExtension
from x402.mechanisms.evm.exact.facilitator import ExactEvmScheme, ExactEvmSchemeConfig
from x402.mechanisms.evm.upto.facilitator import UptoEvmScheme
from x402.schemas import PaymentPayload, PaymentRequirements, SettleResponse, VerifyResponse

from harness.chain.errors import ChainError, ReceiptTimeout
from harness.chain.records import LogRecord
from harness.protocol import reasons
from harness.services.facilitator.facet import FacetRail
from harness.services.facilitator.permit2 import Permit2Scheme
from harness.services.facilitator.request import (
    FACET_METHOD,
    PERMIT2_METHOD,
    PaymentRequest,
    Refused,
    Terms,
    parse,
)
from harness.services.facilitator.signer import CallReverted, JournaledSigner, TooMuchGas
from harness.services.facilitator.vault_scheme import VaultScheme


class FacetScheme:
    """Verify and settle PaymentAuthorizations; the SDK's facilitator protocol."""

    caip_family = "eip155:*"

    def __init__(self, scheme: str, rail: FacetRail, signer: JournaledSigner, terms: Terms) -> None:
        self.scheme = scheme
        self._rail = rail
        self._signer = signer
        self._terms = terms

    def get_extra(self, network: str) -> dict[str, Any] | None:
        return {**self._rail.extra, "asset": self._rail.token.address}

    def get_signers(self, network: str) -> list[str]:
        return self._signer.get_addresses()

    def verify(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> VerifyResponse:
        try:
            request = self._request(payload, requirements, settling=False)
            self._rail.verify(request, self._signer.outbox.address)
        except Refused as refusal:
            return VerifyResponse(
                is_valid=False,
                invalid_reason=refusal.reason,
                invalid_message=refusal.message,
                payer=refusal.payer,
            )
        return VerifyResponse(is_valid=True, payer=request.payer)

    def settle(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> SettleResponse:
        request = self._request(payload, requirements, settling=True)
        if request.scheme == "upto" and request.amount == 0:
            return self._answer(request, success=True, amount="0")
        transaction = self._signer.get("")
        try:
            if transaction is None:
                self._rail.verify(request, self._signer.outbox.address)
                transaction = self._signer.pay(self._rail.call(request))
            receipt = self._signer.wait_for_transaction_receipt(transaction)
        except Refused as refusal:
            return self._failed(request, refusal.reason, refusal.message, None)
        except ReceiptTimeout as timeout:
            return self._failed(request, reasons.SETTLEMENT_PENDING, str(timeout), transaction)
        except (CallReverted, TooMuchGas, ChainError) as reason:
            return self._failed(request, reasons.TRANSACTION_FAILED, str(reason), transaction)
        if receipt.status != 1:
            return self._failed(request, reasons.TRANSACTION_FAILED, "it reverted", receipt.tx_hash)
        if not self._rail.moved_as_promised(request, _records(receipt.logs)):
            return self._failed(
                request,
                reasons.EVENT_MISMATCH,
                "the receipt shows no such payment",
                receipt.tx_hash,
            )
        moved = request.signed.authorization.value if self.scheme == "exact" else request.amount
        return self._answer(request, success=True, transaction=receipt.tx_hash, amount=str(moved))

    def _request(
        self, payload: PaymentPayload, requirements: PaymentRequirements, *, settling: bool
    ) -> PaymentRequest:
        body = {
            "paymentPayload": payload.model_dump(by_alias=True),
            "paymentRequirements": requirements.model_dump(by_alias=True),
        }
        return parse(body, self._terms, settling=settling)

    def _failed(
        self, request: PaymentRequest, reason: str, message: str, transaction: str | None
    ) -> SettleResponse:
        return self._answer(
            request,
            success=False,
            transaction=transaction or "",
            error_reason=reason,
            error_message=message,
        )

    def _answer(
        self, request: PaymentRequest, *, success: bool, transaction: str = "", **more: Any
    ) -> SettleResponse:
        return SettleResponse(
            success=success,
            transaction=transaction,
            network=request.network,
            payer=request.payer,
            **more,
        )


class Dispatch:
    """One scheme name, several transfer methods."""

    caip_family = "eip155:*"

    def __init__(
        self, scheme: str, default: Any, facet: FacetScheme | None, permit2: Permit2Scheme | None
    ) -> None:
        self.scheme = scheme
        self._default = default
        self._facet = facet
        self._permit2 = permit2

    def get_extra(self, network: str) -> dict[str, Any] | None:
        extra: dict[str, Any] = {}
        if self._permit2 is not None:
            extra[PERMIT2_METHOD] = self._permit2.get_extra(network)
        if self._facet is not None:
            extra[FACET_METHOD] = self._facet.get_extra(network)
        if self.scheme == "upto":
            extra["facilitatorAddress"] = self.get_signers(network)[0]
        return extra or None

    def get_signers(self, network: str) -> list[str]:
        served = [self._default, self._permit2, self._facet]
        first = next(scheme for scheme in served if scheme is not None)
        return list(first.get_signers(network))

    def verify(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> VerifyResponse:
        answer: VerifyResponse = self._chosen(requirements).verify(payload, requirements, context)
        return answer

    def settle(
        self, payload: PaymentPayload, requirements: PaymentRequirements, context: Any = None
    ) -> SettleResponse:
        answer: SettleResponse = self._chosen(requirements).settle(payload, requirements, context)
        return answer

    def _chosen(self, requirements: PaymentRequirements) -> Any:
        method = str((requirements.extra or {}).get("assetTransferMethod"))
        return {FACET_METHOD: self._facet, PERMIT2_METHOD: self._permit2}.get(method, self._default)


def build_facilitator(
    terms: Terms,
    signer: JournaledSigner,
    rail: FacetRail | None,
    factories: tuple[str, ...] = (),
    vault: VaultScheme | None = None,
) -> x402FacilitatorSync:
    """The SDK's facilitator with what these terms allow, on one network and nothing else."""
    facilitator = x402FacilitatorSync()
    official = {
        "exact": ExactEvmScheme(
            signer, ExactEvmSchemeConfig(eip6492_allowed_factories=list(factories)), signer
        ),
        "upto": UptoEvmScheme(signer, pending_store=signer),
    }
    for scheme, sdk in official.items():
        facet = FacetScheme(scheme, rail, signer, terms) if rail else None
        permit2 = Permit2Scheme(sdk, signer.chain) if scheme in terms.permit2 else None
        default = sdk if scheme == "exact" else None
        if default or facet or permit2:
            dispatch = Dispatch(scheme, default, facet, permit2)
            facilitator.register([terms.network], dispatch)
    if terms.permit2:
        facilitator.register_extension(FacilitatorExtension(key=EIP2612_GAS_SPONSORING_KEY))
    if vault is not None:
        facilitator.register([terms.network], vault)
    return facilitator


def _records(logs: list[Any] | None) -> list[LogRecord]:
    """The SDK's receipts carry logs as JSON; our events read records."""
    return [
        LogRecord(
            log["address"],
            tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
            bytes.fromhex(log["data"][2:]),
            0,
            b"",
            position,
        )
        for position, log in enumerate(logs or ())
    ]
