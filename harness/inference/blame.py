"""An upstream's refusal -> a ProviderError: whose fault it is, and whether it will pass.

A consumer must not be able to close an operator's account by what it asks. So wording counts only where
the request did not bring it along, and a 403 about content is the request's fault.
"""

from __future__ import annotations

import json
from typing import Any

from harness.inference.provider import FaultKind, ProviderError

ACCOUNT_WORDING = (
    "insufficient_quota", "insufficient quota", "exceeded your current quota", "credit balance is too low",
    "insufficient credit", "insufficient balance", "insufficient funds", "insufficient_balance",
    "billing_hard_limit", "billing hard limit", "billing_not_active", "account is not active",
    "out of credits", "no credits", "payment required", "payment_required", "account is suspended",
)  # fmt: skip
CONTENT_WORDING = (
    "moderation",
    "flagged",
    "content policy",
    "content_policy",
    "content filter",
    "content_filter",
    "safety",
)
_TEXT_MOST = 64 * 1024

RESET_KEY = "re-run halo setup with the full, exact API key"


def refusal(
    slug: str, status: int, answer: bytes = b"", asked: str = "", path: str = "/chat/completions"
) -> ProviderError:
    """The error for an HTTP status. `answer` is only searched for wording, `asked` is the request's text."""
    text, request = _text(answer), asked.lower()
    if status == 401 or (status == 403 and not _mentions(text, CONTENT_WORDING)):
        what = f"provider /v1{path} returned {status}"
        return ProviderError(status, FaultKind.AUTH, False, f"{what}: {slug} rejected the stored key; {RESET_KEY}")  # fmt: skip
    worded = any(word in text and word not in request for word in ACCOUNT_WORDING)
    if status == 402 or (status in (400, 403, 429) and worded):
        return ProviderError(status, FaultKind.CREDIT, False, f"the account at {slug} has no credit left; top it up at the provider")  # fmt: skip
    if status in (400, 403, 413, 422):
        return ProviderError(status, FaultKind.INVALID, False, f"{slug} refused the request (HTTP {status}); check model, messages and parameters")  # fmt: skip
    if status in (408, 504):
        return timed_out(slug, status)
    retryable = status in (404, 409, 425, 429) or status >= 500
    return ProviderError(status, FaultKind.PROVIDER, retryable, f"{slug} answered HTTP {status}; try again or another operator")  # fmt: skip


def reported(slug: str, error: Any, asked: str = "") -> ProviderError:
    """The error for an `error` object inside an answer of status 200, buffered or in a stream."""
    code = error.get("code") if isinstance(error, dict) else None
    if isinstance(code, str) and code.isascii() and code.isdigit():
        code = int(code[:3])
    status = code if isinstance(code, int) and 400 <= code <= 599 else 502
    answer = json.dumps(error, default=str).encode()
    if status == 502 and any(
        w in _text(answer) and w not in asked.lower() for w in ACCOUNT_WORDING
    ):
        status = 402
    return refusal(slug, status, answer, asked)


def timed_out(slug: str, status: int = 0) -> ProviderError:
    """The provider took too long."""
    return ProviderError(status, FaultKind.TIMEOUT, True, f"{slug} did not answer in time; try again or another operator")  # fmt: skip


def unreachable(slug: str) -> ProviderError:
    """No connection, or one that broke."""
    return ProviderError(0, FaultKind.PROVIDER, True, f"cannot reach {slug}, or the connection broke; try again or another operator")  # fmt: skip


def nonsense(slug: str, what: str) -> ProviderError:
    """An answer that is not what the protocol says; `what` is our own wording."""
    return ProviderError(502, FaultKind.PROVIDER, True, f"{slug} answered {what}; try again or another operator")  # fmt: skip


def _text(answer: bytes) -> str:
    return answer[:_TEXT_MOST].decode("utf-8", "replace").lower()


def _mentions(text: str, words: tuple[str, ...]) -> bool:
    return any(word in text for word in words)
