"""Why confidential mode refuses, in words programs can branch on.

Every refusal carries a `reason` of this list and a message that ends with what to do. None is a warning:
nothing was sent when an AttestationError or EncryptionRefused is raised, and a reply that raises
VerificationError is not the enclave's.
"""

from __future__ import annotations

from typing import Final

from harness.errors import HarnessError

# -- evidence ------------------------------------------------------------------------------------
REPORT_UNAVAILABLE: Final = "report_unavailable"
REPORT_MALFORMED: Final = "report_malformed"
NO_ENCLAVE: Final = "no_enclave"
CLOCK_SKEW: Final = "clock_skew"
KEY_MISMATCH: Final = "key_mismatch"
NOT_BOUND: Final = "key_not_bound"
REPLAYED: Final = "nonce_replayed"
COLLATERAL_UNAVAILABLE: Final = "collateral_unavailable"
COLLATERAL_EXPIRED: Final = "collateral_expired"
QUOTE_MALFORMED: Final = "quote_malformed"
QUOTE_REJECTED: Final = "quote_rejected"
REVOKED: Final = "revoked"
QE_IDENTITY: Final = "qe_identity"
TCB_STATUS: Final = "tcb_status"
DEBUG: Final = "debug_enclave"
MEASUREMENT: Final = "measurement"
GPU_UNVERIFIED: Final = "gpu_unverified"

# -- replies -------------------------------------------------------------------------------------
SIGNATURE_MALFORMED: Final = "signature_malformed"
WRONG_SIGNER: Final = "wrong_signer"
REQUEST_CHANGED: Final = "request_changed"
RESPONSE_CHANGED: Final = "response_changed"
WRONG_MODEL: Final = "wrong_model"
NOT_ENCRYPTED: Final = "not_encrypted"

FIXES: Final[dict[str, str]] = {
    REPORT_UNAVAILABLE: "retry; if it lasts, check --tee-base-url",
    REPORT_MALFORMED: "check that --tee-base-url is a provider of attested models",
    NO_ENCLAVE: "pick a model that /v1/models lists with confidential: true",
    CLOCK_SKEW: "set this machine's clock (NTP), then retry",
    KEY_MISMATCH: "do not use this provider: its key is not the attested one",
    NOT_BOUND: "do not use this provider: the quote does not vouch for its key",
    REPLAYED: "do not use this provider: the quote was made for another question",
    COLLATERAL_UNAVAILABLE: "retry; if it lasts, choose another collateral service",
    COLLATERAL_EXPIRED: "the collateral service serves old documents; choose another",
    QUOTE_MALFORMED: "check that the provider answers with Intel TDX quotes, version 4 or 5",
    QUOTE_REJECTED: "do not use this provider: the quote does not lead to the trusted root",
    REVOKED: "do not use this provider: its processor's certificate is revoked",
    QE_IDENTITY: "do not use this provider: the quoting enclave is not the one Intel names",
    TCB_STATUS: "wait until the provider has patched its platform",
    DEBUG: "do not use this provider: its enclave can be read from outside",
    MEASUREMENT: "check the measurement list; if it is current, the provider runs other code",
    GPU_UNVERIFIED: "GPU evidence cannot be checked here; allow it unverified, or do without",
    SIGNATURE_MALFORMED: "the provider's signature is not one; retry with another operator",
    WRONG_SIGNER: "distrust the reply: the attested enclave did not sign it",
    REQUEST_CHANGED: "distrust the reply: the enclave answered another request",
    RESPONSE_CHANGED: "distrust the reply: it is not what the enclave signed",
    WRONG_MODEL: "distrust the reply: another model was asked",
    NOT_ENCRYPTED: "distrust the reply: it was not encrypted to this request",
}


class _Refusal(HarnessError):
    def __init__(self, reason: str, message: str) -> None:
        super().__init__(f"{message} [{reason}]; {FIXES[reason]}")
        self.reason = reason


class AttestationError(_Refusal):
    """The evidence does not hold; nothing was encrypted or sent."""


class VerificationError(_Refusal):
    """The reply is not proved to be the enclave's answer to this request."""


class EncryptionRefused(HarnessError):
    """A part of the request would have travelled readable; the message names it."""

    def __init__(self, field: str, why: str = "cannot be encrypted to the enclave") -> None:
        super().__init__(f"{field} {why}; leave it out, or do without confidential mode")
        self.field = field
