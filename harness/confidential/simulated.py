"""The simulated enclave as a service: the provider's routes, and a certification service of its root.

app = build_app(SimulatedEnclave(model))
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import AsyncIterator
from urllib.parse import quote as percent

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from harness.confidential import ecies
from harness.confidential.simulated_enclave import (
    EVIDENCE_FAULTS,
    REPLY_FAULTS,
    Client,
    SimulatedEnclave,
)
from harness.http.bodies import BadBody, BodyTooLarge, parse_object, read_bytes
from harness.http.envelope import error

__all__ = ["EVIDENCE_FAULTS", "REPLY_FAULTS", "SimulatedEnclave", "build_app"]

MAX_BODY = 5 * 1024 * 1024
PRICING = {"prompt": "0.000001", "completion": "0.000002"}  # USD per token
CONTEXT_LENGTH = 131_072  # tokens
_VERSIONS = (None, "1", "2")


def build_app(enclave: SimulatedEnclave) -> ASGIApp:
    """The provider's routes below `/v1`, and its collateral service below `/pccs`."""
    routes = _Routes(enclave)
    certification = "/pccs/{tee}/certification/v4"
    return Starlette(
        routes=[
            Route("/health", routes.health),
            Route("/v1/models", routes.models),
            Route("/v1/attestation/report", routes.report),
            Route("/v1/chat/completions", routes.chat, methods=["POST"]),
            Route("/v1/signature/{completion}", routes.signature),
            Route(f"{certification}/tcb", routes.tcb_info),
            Route(f"{certification}/qe/identity", routes.qe_identity),
            Route(f"{certification}/pckcrl", routes.pck_crl),
            Route(f"{certification}/rootcacrl", routes.root_crl),
        ]
    )


class _Routes:
    def __init__(self, enclave: SimulatedEnclave) -> None:
        self._enclave = enclave

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok", "simulated": True, "address": self._enclave.address})

    async def models(self, _request: Request) -> Response:
        entry = {"object": "model", "created": 0, "owned_by": "devnet", "pricing": PRICING}
        data = [
            {"id": name, "context_length": CONTEXT_LENGTH, **entry} for name in self._enclave.models
        ]
        return JSONResponse({"object": "list", "data": data})

    async def report(self, request: Request) -> Response:
        query = request.query_params
        model = query.get("model", "")
        if model not in self._enclave.models:
            return error(404, "model_not_found", f"no model {model!r}; see /v1/models")
        if query.get("signing_algo", "ecdsa") != "ecdsa":
            return error(400, "invalid_signing_algo", "only ecdsa is simulated; ask for it")
        try:
            nonce = bytes.fromhex(query.get("nonce") or secrets.token_hex(32))
        except ValueError:
            nonce = b""
        if len(nonce) != 32:
            return error(400, "invalid_nonce", "nonce must be 64 hex digits; draw a new one")
        return JSONResponse(self._enclave.report(model, nonce))

    async def chat(self, request: Request) -> Response:
        if not self._admits(request):
            return _unauthorised()
        try:
            received = await read_bytes(request, MAX_BODY)
            body = parse_object(received)
        except BodyTooLarge:
            return error(413, "request_too_large", f"at most {MAX_BODY} bytes; send less")
        except BadBody as bad:
            return error(400, "invalid_request", f"{bad}; send a JSON object")
        if body.get("model") not in self._enclave.models:
            return error(404, "model_not_found", "no such model; see /v1/models")
        try:
            client = self._client(request)
            if body.get("stream"):
                events = self._enclave.stream(received, body, client)
                first = await anext(events)  # what cannot be read is told before the answer begins
                return StreamingResponse(_after(first, events), media_type="text/event-stream")
            response = await self._enclave.complete(received, body, client)
        except ValueError as bad:
            return error(400, "decryption_failed", f"{bad}; encrypt to the attested key")
        return Response(response, media_type="application/json")

    def _client(self, request: Request) -> Client | None:
        headers = request.headers
        algorithm, key = headers.get("x-signing-algo"), headers.get("x-client-pub-key")
        if algorithm is None and key is None:
            return None
        if (
            algorithm != "ecdsa"
            or key is None
            or headers.get("x-encryption-version") not in _VERSIONS
        ):
            raise ValueError("X-Signing-Algo: ecdsa and X-Client-Pub-Key come together")
        wanted = headers.get("x-model-pub-key")
        if (
            wanted is not None
            and ecies.address_of(ecies.parse_public(wanted)) != self._enclave.address
        ):
            raise ValueError("no enclave here holds the key of X-Model-Pub-Key")
        extended = headers.get("x-encrypt-all-fields", "").lower() == "true"
        return Client(ecies.parse_public(key), extended)

    def _admits(self, request: Request) -> bool:
        wanted = self._enclave.api_key
        given = request.headers.get("authorization", "")
        return wanted is None or hmac.compare_digest(given.encode(), f"Bearer {wanted}".encode())

    async def signature(self, request: Request) -> Response:
        if not self._admits(request):
            return _unauthorised()
        found = self._enclave.signature(request.path_params["completion"])
        if found is None:
            return error(404, "not_found", "no signature for this id; ask right after the reply")
        return JSONResponse(found)

    # -- the certification service -------------------------------------------------------------

    async def tcb_info(self, _request: Request) -> Response:
        served = self._enclave.collateral()
        return _signed(
            "tcbInfo",
            served["tcb_info"],
            served["tcb_info_signature"],
            "TCB-Info-Issuer-Chain",
            served["tcb_info_issuer_chain"],
        )

    async def qe_identity(self, _request: Request) -> Response:
        served = self._enclave.collateral()
        return _signed(
            "enclaveIdentity",
            served["qe_identity"],
            served["qe_identity_signature"],
            "SGX-Enclave-Identity-Issuer-Chain",
            served["qe_identity_issuer_chain"],
        )

    async def pck_crl(self, _request: Request) -> Response:
        served = self._enclave.collateral()
        chain = {"SGX-PCK-CRL-Issuer-Chain": percent(served["pck_crl_issuer_chain"])}
        return Response(bytes.fromhex(served["pck_crl"]), headers=chain)

    async def root_crl(self, _request: Request) -> Response:
        return Response(self._enclave.collateral()["root_ca_crl"])


def _unauthorised() -> Response:
    return error(401, "invalid_api_key", "no such API key; send the one of this devnet")


def _signed(name: str, document: str, signature: str, header: str, chain: str) -> Response:
    """A document inside its envelope, byte for byte as it was signed."""
    body = f'{{"{name}":{document},"signature":"{signature}"}}'
    return Response(body, media_type="application/json", headers={header: percent(chain)})


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for event in rest:
        yield event
