"""A request closed so that only the chosen operator can read it, and its reply opened.

Without end-to-end encryption the same steps pass everything through, so no rail has two paths.
"""

from __future__ import annotations

from typing import Any

from harness.protocol.json_text import parse_json
from harness.protocol.sealed import ConsumerChannel, SealError, seal_request
from harness.services.consumer.directory import Offer
from harness.services.consumer.enclaves import SIGNATURE_HEADER, Sealed
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import RelayReply, wire_bytes
from harness.services.consumer.server_events import Event

CHUNK_EVENT = "halo-chunk"


class Letter:
    """One request body on its way to one operator. `plaintext` is what the operator will read."""

    def __init__(
        self, body: dict[str, Any], offer: Offer, *, e2e: bool, enclave: Sealed | None = None
    ) -> None:
        self._given, self._e2e = body, e2e
        self.enclave = enclave
        self.headers = enclave.headers if enclave is not None else {}
        body = enclave.body if enclave is not None else body
        self.plaintext = wire_bytes(body)
        self._channel: ConsumerChannel | None = None
        self._next = 0
        self.body: dict[str, Any] = body
        if not e2e:
            return
        if offer.public_key is None:
            raise Refusal("e2e_failed", "The operator has no encryption key signed by its wallet.")
        try:
            envelope, self._channel = seal_request(self.plaintext, offer.public_key, offer.operator)
        except SealError as bad:
            raise Refusal("e2e_failed", f"Cannot encrypt to the operator: {bad}.") from None
        self.body = {
            "model": body["model"],
            "stream": bool(body.get("stream")),
            "_enc": envelope,
        }

    def sealed_to(self, offer: Offer) -> Letter:
        """The same request to another key."""
        return Letter(self._given, offer, e2e=self._e2e, enclave=self.enclave)

    @property
    def exchange(self) -> str | None:
        """The envelope's ephemeral key: there is no other like it."""
        return str(self.body["_enc"]["epk"]) if self.sealed else None

    @property
    def sealed(self) -> bool:
        return self._channel is not None

    def open(self, reply: RelayReply) -> dict[str, Any]:
        """The completion in a whole reply. Raises Refusal: e2e_failed, tee_verification_failed,
        upstream_error."""
        content = self._unsealed(reply)
        if self.enclave is not None:
            return self.enclave.open(content, reply.headers.get(SIGNATURE_HEADER))
        return _object(content.decode("utf-8", "replace"))

    def _unsealed(self, reply: RelayReply) -> bytes:
        if self._channel is None:
            return reply.content
        try:
            return self._channel.open_response(reply.body)
        except SealError as bad:
            raise Refusal(
                "e2e_failed", f"The reply is not sealed for this request: {bad}."
            ) from None

    def open_event(self, event: Event) -> dict[str, Any] | None:
        """The object in a stream's next event; None for events that are no chunks.

        Under encryption only sealed chunks count, in their order. Raises Refusal(e2e_failed).
        """
        if self._channel is None:
            if event.name or event.data == "[DONE]":
                return None
            return _object(event.data)
        if event.name != CHUNK_EVENT:
            if event.name or event.data == "[DONE]":
                return None
            raise Refusal("e2e_failed", "A chunk of the reply came unencrypted.")
        frame = _object(event.data)
        if frame.get("seq") != self._next or not isinstance(frame.get("ct"), str):
            raise Refusal(
                "e2e_failed", "A chunk of the reply is missing, repeated or out of order."
            )
        try:
            opened = self._channel.open_chunk(self._next, frame["ct"])
        except SealError as bad:
            raise Refusal("e2e_failed", f"A chunk of the reply did not open: {bad}.") from None
        self._next += 1
        return _object(opened.decode("utf-8", "replace"))


def _object(text: str) -> dict[str, Any]:
    try:
        found = parse_json(text)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Refusal("upstream_error", "The operator sent something that is no JSON object.")
    return found
