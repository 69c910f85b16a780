"""NEAR AI Cloud: answers from an enclave that the operator passes on without being able to read them.

A request with `X-Client-Pub-Key` carries ciphertext. It is forwarded as it came, its answer is read
whole, and the exact bytes of both are kept, because the enclave signs over their hashes.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from urllib.parse import quote, urlencode

from harness.inference.chat import CHAT, ChatProvider
from harness.inference.chunks import counted_usage, taken_apart
from harness.inference.provider import Completion, Delta, Json, Usage

PUBLIC_KEY = "x-client-pub-key"
FORWARDED = (
    "x-signing-algo",
    PUBLIC_KEY,
    "x-encryption-version",
    "x-model-pub-key",  # which of several enclaves the client encrypted to
    "x-encrypt-all-fields",  # tools are encrypted as well
)
SIGNATURE_SECONDS = 10.0
_SIGNATURE_FIELDS = ("text", "signature", "signing_address", "signing_algo")
_MAX_FIELD = 2_048  # characters


class EnclaveProvider(ChatProvider):
    """One account at a provider whose models run in enclaves."""

    confidential = True

    async def complete(self, body: Json, headers: Mapping[str, str] | None = None) -> Completion:
        passed = forwarded(headers or {})
        if PUBLIC_KEY not in passed:
            return await super().complete(body)
        asked = self._asked(body, stream=False)
        answer = await self._upstream.post(CHAT, asked, passed)
        document = self._upstream.parse(answer.body)
        found = self._completion(document, asked)
        usage = Usage.from_wire(found.get("usage")) or counted_usage(asked, found)
        # The body is left as the enclave wrote it: the consumer checks a hash of it.
        own = forwarded(answer.headers)
        return Completion(document, usage, own, answer.body, answer.sent)

    async def stream(
        self, body: Json, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[Delta, None]:
        if PUBLIC_KEY not in forwarded(headers or {}):
            async with aclosing(super().stream(body)) as deltas:
                async for delta in deltas:
                    yield delta
            return
        whole = await self.complete(body, headers)
        for chunk in taken_apart({**whole.body, "usage": whole.usage.to_wire()}):
            yield Delta(chunk, whole.usage if "usage" in chunk else None)

    async def signature(self, completion_id: str, model: str) -> Json | None:
        """`{text, signature, signing_address}` of a completion; None when the enclave gave no such thing."""
        query = urlencode({"model": model, "signing_algo": "ecdsa"})
        path = f"/signature/{quote(completion_id, safe='')}?{query}"
        document = await self._upstream.get(path, SIGNATURE_SECONDS)
        if not isinstance(document, dict):
            return None
        found = {
            name: document[name]
            for name in _SIGNATURE_FIELDS
            if isinstance(document.get(name), str) and len(document[name]) <= _MAX_FIELD
        }
        return found if {"text", "signature", "signing_address"} <= set(found) else None


def forwarded(headers: Mapping[str, str]) -> dict[str, str]:
    """Of these headers, those that an enclave and its client exchange; names in lower case."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return {name: lowered[name] for name in FORWARDED if name in lowered}
