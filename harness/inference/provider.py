"""What every provider offers, in OpenAI's chat-completion shapes, and the one way it fails.

Bodies are plain JSON objects already checked by `harness.inference.request.sanitise`. Adapters translate
where a provider speaks another dialect, so that nothing above this room knows which one it was.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

Json = dict[str, Any]

MAX_MESSAGE = 300  # characters of a ProviderError's message


class FaultKind(StrEnum):
    """Why a call failed. The first two concern the operator's account and do not pass by waiting."""

    AUTH = "operator_auth_failure"
    CREDIT = "credit_exhausted"
    PROVIDER = "provider_error"
    TIMEOUT = "timeout"
    INVALID = "invalid_request"

    @property
    def sticky(self) -> bool:
        """Whether the next call would fail as well, until a person does something."""
        return self in (FaultKind.AUTH, FaultKind.CREDIT)


class ProviderError(Exception):
    """A provider did not answer as asked.

    `status` is the provider's HTTP status (0 when there was none). The message is ours, bounded, and
    never quotes what the provider sent: bodies of errors have been seen to contain keys.
    """

    def __init__(self, status: int, kind: FaultKind | str, retryable: bool, message: str) -> None:
        super().__init__(message[:MAX_MESSAGE])
        self.status = status
        self.kind = FaultKind(kind)
        self.retryable = retryable

    @property
    def message(self) -> str:
        return str(self)


@dataclass(frozen=True)
class Usage:
    """Tokens as the provider counted them; `cached` of the prompt's were read from its cache.

    `estimated` when the provider reported none and they were counted here, by the estimator both sides share.
    """

    prompt: int = 0
    completion: int = 0
    cached: int = 0
    estimated: bool = False

    @property
    def total(self) -> int:
        return self.prompt + self.completion

    def to_wire(self) -> Json:
        """OpenAI's `usage` object."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.total,
            "prompt_tokens_details": {"cached_tokens": self.cached},
        }

    @classmethod
    def from_wire(cls, value: Any) -> Usage | None:
        """OpenAI's `usage` object -> Usage; None when it is missing or not counts."""
        if not isinstance(value, dict):
            return None
        prompt, completion = (
            _count(value.get("prompt_tokens")),
            _count(value.get("completion_tokens")),
        )
        if prompt is None or completion is None:
            return None
        details = value.get("prompt_tokens_details")
        cached = _count(details.get("cached_tokens")) if isinstance(details, dict) else None
        return cls(prompt, completion, min(cached or 0, prompt))


@dataclass(frozen=True)
class Completion:
    """A buffered answer.

    `headers` are those of the provider that belong to the answer (an enclave's). `sent` and `raw` are
    the exact bytes of request and response where an enclave signs over them, else empty.
    """

    body: Json
    usage: Usage
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes = b""
    sent: bytes = b""


@dataclass(frozen=True)
class Delta:
    """One `chat.completion.chunk` of a stream; `usage` on exactly one chunk of a stream that ends well."""

    data: Json
    usage: Usage | None = None


@dataclass(frozen=True)
class Price:
    """USD per token (`request`: per request) as a provider publishes it; `cached` is per cached prompt token."""

    prompt: Decimal
    completion: Decimal
    request: Decimal = Decimal(0)
    cached: Decimal | None = None


@dataclass(frozen=True)
class ModelInfo:
    """A model in a provider's list. Price and context length in tokens are None when not published."""

    id: str
    price: Price | None = None
    context_length: int | None = None


class Provider(Protocol):
    """One upstream account. Instances belong to one event loop; `aclose` frees their connections."""

    slug: str
    models: tuple[str, ...]
    confidential: bool

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        """The whole answer. `headers` are those of the request that an enclave must see. Raises ProviderError."""
        ...

    def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        """The answer as it is made; the last chunks carry finish_reason and usage.

        Raises ProviderError, also in the middle. Close the iterator (`aclosing`) to stop the provider.
        """
        ...

    async def probe(self) -> None:
        """Ask for one token, 8 seconds at most. Raises ProviderError."""
        ...

    async def list_models(self) -> list[ModelInfo]:
        """What the account can serve, in the provider's order. Raises ProviderError."""
        ...

    async def price(self, model: str) -> Price | None:
        """The published price; None when there is none or the list cannot be had."""
        ...

    async def signature(self, completion_id: str, model: str) -> Json | None:
        """The enclave's signature of a completion; None of providers that have no enclave. Raises ProviderError."""
        ...

    async def aclose(self) -> None:
        """Close connections."""
        ...


def _count(value: Any) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9:
        return value
    return None
