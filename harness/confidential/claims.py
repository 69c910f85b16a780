"""What was checked about an enclave, and what was not, in words that hold.

Nothing outside this file describes an enclave to a user: what is listed as checked was checked in this
process, on this evidence.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from harness.confidential.policy import AttestationPolicy
from harness.confidential.quote import VerifiedQuote

GPU = "not verified"

_CHECKED = (
    "signatures from the root to the quote",
    "revocation lists",
    "the quoting enclave's identity",
    "TCB status of platform and quoting enclave",
    "no debug mode",
    "the quote binds the enclave's key and our nonce",
)
_GPU_UNCHECKED = "the GPU: NVIDIA's evidence needs NVIDIA's service"
_CODE_UNCHECKED = "which code runs: no measurement list is set, so any trust domain's would pass"
_MODEL_UNCHECKED = "that the code serves the model it names"
_ORACLE_UNCHECKED = (
    "that only you ask: the enclave decrypts your words for whoever hands it your ciphertext, and "
    "answers to that sender's key"
)
_DEVNET_UNCHECKED = "hardware: the root is a devnet's, made by the program that it vouches for"


@dataclass(frozen=True)
class Claims:
    """Facts about one attested enclave. `gpu` is never anything but "not verified"."""

    root: str  # "intel" or "devnet"
    status: str
    platform_status: str
    qe_status: str
    advisories: tuple[str, ...]
    evaluation: int
    registers: dict[str, str]
    code: str  # name of the matching measurement, or "not verified"
    gpu_evidence: str  # "present" or "absent"; what it says was not looked at
    verified_at: int  # unix seconds
    expires_at: int
    gpu: str = GPU

    @property
    def checked(self) -> tuple[str, ...]:
        pinned = self.code != "not verified"
        return (*_CHECKED, f"the measurements of {self.code}") if pinned else _CHECKED

    @property
    def unchecked(self) -> tuple[str, ...]:
        left = [_GPU_UNCHECKED, _MODEL_UNCHECKED, _ORACLE_UNCHECKED]
        if self.code == "not verified":
            left.insert(0, _CODE_UNCHECKED)
        if self.root != "intel":
            left.insert(0, _DEVNET_UNCHECKED)
        return tuple(left)

    def to_wire(self) -> dict[str, Any]:
        """For `/health`, `--json` and people; camelCase."""
        return {
            "root": self.root,
            "tcbStatus": self.status,
            "platformStatus": self.platform_status,
            "qeStatus": self.qe_status,
            "advisories": list(self.advisories),
            "tcbEvaluation": self.evaluation,
            "registers": dict(self.registers),
            "code": self.code,
            "gpu": self.gpu,
            "gpuEvidence": self.gpu_evidence,
            "verifiedAt": self.verified_at,
            "expiresAt": self.expires_at,
            "checked": list(self.checked),
            "unchecked": list(self.unchecked),
        }


def make_claims(
    quote: VerifiedQuote, policy: AttestationPolicy, *, gpu_evidence: bool, now: int
) -> Claims:
    return Claims(
        policy.root_name,
        quote.status,
        quote.platform_status,
        quote.qe_status,
        quote.advisories,
        quote.evaluation,
        {name: value.hex() for name, value in quote.registers.items()},
        quote.code or "not verified",
        "present" if gpu_evidence else "absent",
        now,
        min(quote.expires_at, now + policy.cache_s),
    )
