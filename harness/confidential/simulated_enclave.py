"""A provider of attested models without the hardware: for devnets, and for what must be refused.

Quotes, collateral, encryption and signatures have the provider's formats and go through the same verifier
as real ones, under a root that this process made. A verifier accepts it only where its policy names that
root, which policies refuse on any chain but a devnet's. `fault` makes it lie.
"""

from __future__ import annotations

import json
import secrets
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding

from harness.chain.keys import LocalSigner
from harness.confidential import ecies
from harness.confidential.devnet_pki import Defects, DevnetPki
from harness.confidential.devnet_quote import TrustDomain, make_quote
from harness.confidential.enclave_side import open_request, seal_reply
from harness.confidential.policy import AttestationPolicy, Measurement
from harness.confidential.reply import sign_reply
from harness.confidential.session import wire_bytes
from harness.protocol.addresses import address_bytes

Json = dict[str, Any]
Model = Callable[[Json], Awaitable[Json]]

MAX_SIGNATURES = 1024  # the newest are kept, as providers do
_MEASURED = "devnet enclave"

# Bad evidence (K8), and what each is.
EVIDENCE_FAULTS = {
    "report_data": "the quote vouches for another key",
    "debug": "the trust domain runs in debug mode",
    "stale_tcb": "the platform lacks updates",
    "qe_missing": "the collateral has no identity of the quoting enclave",
    "qe_wrong": "the identity names another quoting enclave",
    "forged_chain": "the quote hangs from a root of the provider's own",
    "expired": "the collateral's documents have expired",
    "replayed_nonce": "the quote was made for an earlier question",
    "measurement": "the trust domain runs other code",
    "revoked": "the processor's certificate is revoked",
}
# Bad replies.
REPLY_FAULTS = {
    "signer": "another key signed",
    "changed": "the reply was changed after it was signed",
    "readable": "the reply is not encrypted",
    "other_request": "the signature is for another request",
    "other_model": "another model answered",
    "unsigned": "there is no signature",
}


class SimulatedEnclave:
    """One enclave with one key. `model` answers plaintext requests with completions."""

    def __init__(
        self,
        model: Model | None = None,
        *,
        models: tuple[str, ...] = ("mock-echo",),
        api_key: str | None = None,
        pki: DevnetPki | None = None,
        seed: bytes | None = None,
    ) -> None:
        secret = seed or secrets.token_bytes(32)
        self.models = models
        self.api_key = api_key  # asked for by all but the evidence, as at the provider
        self.pki = pki or DevnetPki()
        self.fault: str | None = None
        self.seen: list[Json] = []  # requests as they arrived, for tests that look for plaintext
        self.attested = 0  # reports given
        self._answer = model or echo
        self._signer = LocalSigner(secret)
        self._key = ecies.private_key(secret)
        self._impostor = DevnetPki()
        self._signatures: OrderedDict[str, Json] = OrderedDict()
        self._domain = TrustDomain()

    @property
    def address(self) -> str:
        return self._signer.address

    @property
    def root_pem(self) -> str:
        """What a devnet's settings name as trusted root."""
        return self.pki.root.public_bytes(Encoding.PEM).decode()

    @property
    def measurement(self) -> Measurement:
        """What a policy pins to accept this enclave's code."""
        return Measurement(_MEASURED, {"mr_td": self._domain.mr_td})

    def policy(self, origin: str, chain_id: int = 31337, **changes: Any) -> AttestationPolicy:
        """A policy that trusts this enclave where it is served, such as `http://127.0.0.1:8700`."""
        values: dict[str, Any] = {
            "devnet_root": self.pki.root_der,
            "chain_id": chain_id,
            "measurements": (self.measurement,),
            "collateral_url": f"{origin.rstrip('/')}/pccs",
        } | changes
        return AttestationPolicy(**values)

    # -- evidence ------------------------------------------------------------------------------

    def report(self, model: str, nonce: bytes) -> Json:
        """An attestation report in the shape of the provider's."""
        self.attested += 1
        bound = secrets.token_bytes(20) if self.fault == "report_data" else self._own_address
        told = secrets.token_bytes(32) if self.fault == "replayed_nonce" else nonce
        domain = self._domain
        if self.fault == "debug":
            domain = TrustDomain(debug=True)
        if self.fault == "measurement":
            domain = TrustDomain(mr_td=bytes(48))
        pki = self._impostor if self.fault == "forged_chain" else self.pki
        entry = {
            "model_name": model,
            "signing_address": self.address.lower(),
            "signing_algo": "ecdsa",
            "signing_public_key": ecies.public_bytes(self._key)[1:].hex(),
            "request_nonce": nonce.hex(),
            "intel_quote": make_quote(pki, bound.ljust(32, b"\0") + told, domain).hex(),
            "nvidia_payload": "",
            "event_log": [],
            "info": {"simulated": True},
        }
        return {"model_attestations": [entry]}

    def collateral(self) -> Json:
        return self.pki.collateral(
            Defects(
                tcb_status="OutOfDate" if self.fault == "stale_tcb" else "UpToDate",
                qe_identity={"qe_missing": "missing", "qe_wrong": "wrong"}.get(
                    self.fault or "", ""
                ),
                expired=self.fault == "expired",
                revoked=self.fault == "revoked",
            )
        )

    @property
    def _own_address(self) -> bytes:
        return address_bytes(self.address)

    # -- inference -----------------------------------------------------------------------------

    async def complete(self, request: bytes, body: Json, client: Client | None) -> bytes:
        """The bytes of a buffered reply; its signature can be had afterwards. ValueError: unreadable."""
        self.seen.append(body)
        completion = await self._completion(body, client)
        if client is not None and self.fault != "readable":
            completion = seal_reply(completion, client.encrypt, client.extended)
        response = wire_bytes(completion)
        self._sign(completion["id"], str(body.get("model")), request, response)
        if self.fault == "changed":
            response = wire_bytes(completion | {"created": 0})
        return response

    async def stream(
        self, request: bytes, body: Json, client: Client | None
    ) -> AsyncIterator[bytes]:
        """The same as events, a word each, signed over all bytes."""
        self.seen.append(body)
        completion = await self._completion(body, client)
        sent = b""
        for chunk in _chunks(completion):
            if client is not None and self.fault != "readable":
                chunk = seal_reply(chunk, client.encrypt, client.extended, "delta")
            event = b"data: " + wire_bytes(chunk) + b"\n\n"
            sent += event
            yield event
        sent += b"data: [DONE]\n\n"
        self._sign(completion["id"], str(body.get("model")), request, sent)
        yield b"data: [DONE]\n\n"

    def signature(self, completion_id: str) -> Json | None:
        return self._signatures.get(completion_id)

    async def _completion(self, body: Json, client: Client | None) -> Json:
        """The model's answer, under an id of its own: signatures are found by it."""
        if client is not None:
            body = open_request(body, lambda text: ecies.decrypt(text, self._key), client.extended)
        return {**await self._answer(body), "id": f"chatcmpl-{secrets.token_hex(12)}"}

    def _sign(self, completion_id: str, model: str, request: bytes, response: bytes) -> None:
        signer = LocalSigner.generate() if self.fault == "signer" else self._signer
        if self.fault == "other_request":
            request = b"{}"
        if self.fault == "other_model":
            model = f"{model}-small"
        if self.fault != "unsigned":
            self._signatures[completion_id] = sign_reply(signer, model, request, response)
        while len(self._signatures) > MAX_SIGNATURES:
            self._signatures.popitem(last=False)


@dataclass(frozen=True)
class Client:
    """To whom replies are encrypted."""

    public: bytes
    extended: bool

    def encrypt(self, text: str) -> str:
        return ecies.encrypt(text, self.public)


async def echo(body: Json) -> Json:
    """The last message, again."""
    messages = body.get("messages") or [{}]
    content = messages[-1].get("content")
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "object": "chat.completion",
        "created": int(time.time()),
        "model": body.get("model"),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": text},
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 8, "completion_tokens": 8, "total_tokens": 16},
    }


def _chunks(completion: Json) -> list[Json]:
    """A buffered completion as the chunks it would have come in."""
    head = {k: completion.get(k) for k in ("id", "created", "model")}
    head["object"] = "chat.completion.chunk"
    choice = completion["choices"][0]
    message = choice["message"]
    deltas: list[Json] = [{"role": "assistant"}]
    deltas += [{"content": word} for word in _words(message.get("content"))]
    deltas += [{k: v} for k, v in message.items() if k not in ("role", "content") and v]
    chunks = [
        {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
        for delta in deltas
    ]
    last = {"index": 0, "delta": {}, "finish_reason": choice.get("finish_reason")}
    return [*chunks, {**head, "choices": [last], "usage": completion.get("usage")}]


def _words(content: Any) -> list[str]:
    if not isinstance(content, str):
        return []
    return [word for word in content.replace(" ", "\0 ").split("\0") if word]
