"""Every error a sidecar answers with: its code, status and type, what happened, and the fix.

`docs/halo/errors.md` lists the same table; a test compares the two.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

REQUEST = "halo_request_error"
UPSTREAM = "halo_upstream_error"
CONFIDENTIAL = "halo_confidential_error"


@dataclass(frozen=True)
class Kind:
    """One row of the table. `fix` ends every message of this code."""

    status: int
    type: str
    fix: str


TABLE: dict[str, Kind] = {
    "bad_json": Kind(400, REQUEST, "Send one JSON object with content-type application/json."),
    "bad_request": Kind(400, REQUEST, "Correct the named field and send the request again."),
    "bad_budget": Kind(
        400, REQUEST, 'Send {"limitUsd": N} with N a number from 0 up (0 is no cap).'
    ),
    "duplicate_header": Kind(400, REQUEST, "Send this header once."),
    "bad_token": Kind(
        401, "halo_auth_error", "Send Authorization: Bearer with the secret given as --api-key."
    ),
    "budget_token_required": Kind(
        403,
        "halo_auth_error",
        "A person must raise this budget: send X-Halo-Budget-Token with the token printed at start.",
    ),
    "insufficient_funds": Kind(402, "halo_payment_required", "Then send the request again."),
    "over_cap": Kind(
        402,
        "halo_over_cap",
        "Raise --max-usdc (or X-Halo-Max-Price), lower max_tokens, or choose a cheaper model.",
    ),
    "over_budget": Kind(
        402,
        "halo_over_budget",
        "Ask the user whether to raise the budget, then send the POST /v1/budget shown in raiseWith.",
    ),
    "payment_failed": Kind(
        402, "halo_payment_required", "Nothing was delivered; send the request again."
    ),
    "model_not_allowed": Kind(
        403,
        "halo_model_not_allowed",
        "Choose a model of the allowlist (GET /v1/models, allowed: true), or extend --consume-allow.",
    ),
    "policy_denied": Kind(
        403,
        "halo_policy",
        "Ask for something that the policy allows; the owner can change its file.",
    ),
    "policy_asks": Kind(
        403,
        "halo_policy",
        "Ask the user; with a yes, send it again with X-Halo-Approve and the token printed at start.",
    ),
    "bad_origin": Kind(
        403, REQUEST, "Call the endpoint from a program; web pages may not spend this wallet."
    ),
    "no_route": Kind(
        404, "halo_not_found", "Use /v1/chat/completions, /v1/messages or /v1/models."
    ),
    "method_not_allowed": Kind(405, REQUEST, "Use the method named in the allow header."),
    "idempotency_conflict": Kind(
        409, REQUEST, "Use a new Idempotency-Key for a different request."
    ),
    "idempotency_in_progress": Kind(
        409, REQUEST, "Wait for the first request with this key to end, then send it again."
    ),
    "request_too_large": Kind(413, REQUEST, "Send at most 5 MiB; shorten the conversation."),
    "bad_host": Kind(421, REQUEST, "Use http://127.0.0.1 or localhost as the base URL."),
    "confidential_setup_failed": Kind(
        502,
        CONFIDENTIAL,
        "Try again, choose a model with confidential: true, or drop X-Halo-Confidential.",
    ),
    "tee_verification_failed": Kind(
        502,
        CONFIDENTIAL,
        "Do not trust the reply; it was withheld. Try again or choose another model.",
    ),
    "e2e_failed": Kind(
        502, "halo_e2e_error", "Try again; --no-e2e turns encryption off if you accept that."
    ),
    "upstream_error": Kind(502, UPSTREAM, "Try again, or pin another operator (X-Halo-Operator)."),
    "chain_unavailable": Kind(502, UPSTREAM, "Check --rpc-url; try again when the node answers."),
    "vault_unverified": Kind(
        502,
        "halo_vault_error",
        "Check --vault-address and the facilitator; nothing is funded or served until they agree.",
    ),
    "session_key_mismatch": Kind(
        502,
        "halo_vault_error",
        "Start with the --session-key that is registered, or register this one with "
        "`halo vault set-session-key` while nothing is locked.",
    ),
    "reservation_wedged": Kind(
        503, "halo_vault_error", "Wait until the named time, or pin another operator."
    ),
    "no_operator": Kind(
        503, "halo_no_operator", "See the relay's /v1/models for what is served, or try later."
    ),
    "shutting_down": Kind(503, UPSTREAM, "Send the request again when the sidecar is back."),
    "upstream_timeout": Kind(504, UPSTREAM, "Nothing was paid; send the request again."),
    "payment_unknown": Kind(
        504,
        UPSTREAM,
        "Send the same request with the same Idempotency-Key: it is resolved, not paid again.",
    ),
    "storage_unavailable": Kind(
        503,
        UPSTREAM,
        "Make room on the sidecar's disk, then send the same request with the same Idempotency-Key.",
    ),
    "internal_error": Kind(500, UPSTREAM, "See the sidecar's log; the budget was not changed."),
}


class Refusal(Exception):
    """An answer other than the one asked for. `message` is a sentence; the code's fix is added to it.

    `details` are machine-readable members of the error object; `headers` go with the reply.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        headers: dict[str, str] | None = None,
        **details: Any,
    ) -> None:
        self.kind = TABLE[code]
        self.code = code
        self.details = details
        self.headers = headers or {}
        super().__init__(f"{message} {self.kind.fix}")

    def to_wire(self) -> dict[str, Any]:
        """The error object."""
        text = str(self)
        if len(text) > 500:
            text = text[: 499 - len(self.kind.fix)] + "… " + self.kind.fix
        return {"message": text, "type": self.kind.type, "code": self.code, **self.details}


def unwritten() -> Refusal:
    """The journal takes nothing: what cannot be written down is not paid for."""
    return Refusal("storage_unavailable", "The sidecar cannot write its journal.")
