"""A relay and its operators in one small application, honest until a switch says otherwise.

It speaks what the sidecar speaks (HTTP to a relay) and settles through the real facilitator and the real
vault. Each switch is one way in which a counterpart can cheat, fail or be silent.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from harness.chain.keys import LocalSigner
from harness.diamond.vault import Vault
from harness.protocol.estimate import (
    ceiling_tokens,
    completion_ceiling,
    cost_base,
    prompt_tokens,
    text_tokens,
)
from harness.protocol.recovery import recover_signer
from harness.protocol.sealed import OperatorChannel
from harness.protocol.vault import RECEIPT, vault_domain
from harness.protocol.vault_request import CHARGE, UNKNOWN, read_proof

from .scripted_operator import CHECKPOINT, ScriptedOperator


@dataclass
class Call:
    """A request as an operator sees it after opening it."""

    body: dict[str, Any]
    channel: OperatorChannel | None
    headers: Any
    raw: bytes = b""
    signature: dict[str, Any] | None = None


class Market:
    """The application. `seen` keeps each request's outer body and headers, as a relay could."""

    def __init__(self, facilitator: str, vault: Vault, network: str, usdc: str) -> None:
        self.facilitator = facilitator
        self.vault = vault
        self.network = network
        self.usdc = usdc
        self.operators: dict[str, ScriptedOperator] = {}
        self.seen: list[tuple[dict[str, Any], dict[str, str]]] = []
        self.down = False
        self.app = Starlette(
            routes=[
                Route("/v1/operators", self._operators),
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._completions, methods=["POST"]),
                Route("/v1/receipt", self._receipt, methods=["POST"]),
            ]
        )

    def add(self, operator: ScriptedOperator | None = None, **values: Any) -> ScriptedOperator:
        found = operator or ScriptedOperator(**values)
        self.operators[found.address] = found
        return found

    # -- the relay -----------------------------------------------------------------------------

    async def _operators(self, _request: Request) -> Response:
        if self.down:
            return JSONResponse({"error": {"code": "down", "message": "down"}}, 503)
        return JSONResponse({"operators": [o.announcement() for o in self.operators.values()]})

    async def _models(self, _request: Request) -> Response:
        if self.down:
            return JSONResponse({}, 503)
        models = {model for o in self.operators.values() for model in o.models}
        tee = {model for o in self.operators.values() for model in o.tee_models}
        data = [
            {"id": m, "object": "model", "created": 0, "owned_by": "halo", "confidential": m in tee}
            for m in sorted(models)
        ]
        return JSONResponse({"object": "list", "data": data})

    async def _completions(self, request: Request) -> Response:
        body = await request.json()
        self.seen.append((body, dict(request.headers)))
        operator = self.operators.get(request.headers.get("x-halo-operator", ""))
        if operator is None:
            return _error(503, "operator_unavailable", "not connected")
        answer = await self._serve(operator, body, request)
        answering = LocalSigner.generate() if operator.switches.reroute else operator.signer
        answer.headers["x-halo-operator"] = answering.address
        return answer

    async def _receipt(self, request: Request) -> Response:
        body = await request.json()
        operator = self.operators.get(request.headers.get("x-halo-operator", ""))
        if operator is None:
            return _error(404, "operator_not_connected", "not connected")
        if operator.switches.refuse_receipts:
            return _error(409, "receipt_rejected", "no")
        consumer, cycle = body["consumer"], int(body["cycle"])
        cumulative = int(body["cumulative"])
        chain = self.vault.chain
        separator = vault_domain(chain.chain_id, self.vault.address).separator
        values = (consumer, operator.address, cumulative, self.vault.key_epoch(consumer), cycle)
        signature = bytes.fromhex(body["signature"][2:])
        assert recover_signer(RECEIPT.digest(separator, values), signature) == (
            self.vault.session_key(consumer)
        )
        operator.receipts.append((consumer, cycle, cumulative))
        key = consumer, cycle
        operator.held[key] = max(operator.held.get(key, 0), cumulative)
        if operator.switches.redeems:
            async with httpx.AsyncClient() as http:
                await http.post(f"{self.facilitator}/vault/redeem", json=body, timeout=30)
        return JSONResponse({"accepted": True}, 202)

    # -- the operator --------------------------------------------------------------------------

    async def _serve(
        self, operator: ScriptedOperator, body: dict[str, Any], request: Request
    ) -> Response:
        switches = operator.switches
        headers = request.headers
        if headers.get("x-halo-probe") == "1":
            return self._quote(operator, body)
        if headers.get("x-halo-probe") == CHARGE:
            return self._charge(operator, Call(body, None, headers))
        if switches.silent:
            while not await request.is_disconnected():
                await asyncio.sleep(0.05)
            operator.aborted += 1
            return Response(status_code=499)
        if switches.delay:
            for _ in range(int(switches.delay / 0.05)):
                if await request.is_disconnected():
                    operator.aborted += 1
                    return Response(status_code=499)
                await asyncio.sleep(0.05)
        if switches.fail_status:
            return JSONResponse(
                switches.fail_body or {"error": {"code": "boom"}}, switches.fail_status
            )
        if "_enc" in body:
            assert set(body) == {"model", "stream", "_enc"}
            plaintext, channel = operator.key.open(body["_enc"], operator.address)
            call = Call(json.loads(plaintext), channel, headers, plaintext)
        else:
            call = Call(body, None, headers, await request.body())
        operator.prompts.append(call.body)
        if headers.get("x-halo-payment-mode") == "vault":
            return await self._vault_call(operator, call)
        if "payment-signature" in headers:
            return await self._paid_call(operator, call)
        assert switches.free
        operator.calls += 1
        return self._whole(operator, call, self._completion(operator, call.body), {})

    def _charge(self, operator: ScriptedOperator, call: Call) -> Response:
        """What a key came to."""
        if not self._proved(operator, call, call.headers["x-halo-vault-consumer"]):
            return _error(401, "vault_proof_invalid", "not asked by the consumer")
        found = operator.asked.get(call.headers["idempotency-key"])
        if found is None:
            return _error(404, UNKNOWN, "nothing is known of it")
        state, amount, cycle = found
        told = {"state": state, "amountUsdc": str(amount), "cycle": str(cycle)}
        return JSONResponse({"object": "halo.charge", **told})

    def _quote(self, operator: ScriptedOperator, body: dict[str, Any]) -> Response:
        assert set(body) == {"model", "max_tokens", "stream"}, "a probe carries no prompt"
        switches = operator.switches
        if switches.free:
            return Response(status_code=204, headers={"x-halo-free": "true"})
        amount = max(cost_base(completion_ceiling(body), operator.price), 1_000)
        option = self._requirements(operator, amount * switches.quote_factor)
        required = {
            "x402Version": 2,
            "resource": {"url": "http://relay/v1/chat/completions"},
            "accepts": [option],
        }
        return JSONResponse(
            {"error": {"code": "payment_required", "message": "pay"}},
            402,
            {"PAYMENT-REQUIRED": _encoded(required)},
        )

    def _requirements(self, operator: ScriptedOperator, amount: int) -> dict[str, Any]:
        switches = operator.switches
        return {
            "scheme": "exact",
            "network": switches.network or self.network,
            "amount": str(amount),
            "asset": switches.asset or self.usdc,
            "payTo": switches.payee or operator.address,
            "maxTimeoutSeconds": 300,
            "extra": {"name": "USD Coin", "version": "2"},
        }

    async def _paid_call(self, operator: ScriptedOperator, call: Call) -> Response:
        header = call.headers["payment-signature"]
        if header in operator.replies:
            completion, told = operator.replies[header]
            return self._whole(operator, call, completion, told)
        payload = json.loads(base64.b64decode(header))
        request = {
            "x402Version": 2,
            "paymentPayload": payload,
            "paymentRequirements": payload["accepted"],
        }
        async with httpx.AsyncClient(timeout=60) as http:
            if not operator.switches.no_funds:
                verdict = (await http.post(f"{self.facilitator}/verify", json=request)).json()
                if not verdict["isValid"]:
                    return _error(402, verdict["invalidReason"], "refused")
            operator.calls += 1
            completion = await self._answer(operator, call)
            if operator.switches.settles:
                settled = (await http.post(f"{self.facilitator}/settle", json=request)).json()
            else:
                settled = {
                    "success": True,
                    "transaction": "0x" + "99" * 32,
                    "network": self.network,
                    "amount": payload["accepted"]["amount"],
                }
        if not settled["success"]:
            return JSONResponse(
                {"error": {"code": settled["errorReason"], "message": "not settled"}},
                402,
                {"PAYMENT-RESPONSE": _encoded(settled)},
            )
        told = {} if operator.switches.no_settlement else {"PAYMENT-RESPONSE": _encoded(settled)}
        operator.replies[header] = completion, told
        if operator.switches.withhold:
            operator.switches.withhold = False
            return _error(504, "operator_disconnected", "lost")
        if operator.switches.dies:
            operator.switches.dies = False
            return Broken()
        return self._whole(operator, call, completion, told)

    async def _vault_call(self, operator: ScriptedOperator, call: Call) -> Response:
        consumer = call.headers["x-halo-vault-consumer"]
        if not self._proved(operator, call, consumer):
            return _error(401, "vault_proof_invalid", "not asked by the consumer")
        pair = self.vault.ops(consumer, operator.address)
        key = consumer, pair.cycle
        ceiling = cost_base(ceiling_tokens(call.body), operator.price)
        if operator.switches.doubling:
            operator.wanted = max(operator.wanted, ceiling) * 2
            ceiling = operator.wanted
        served, held = operator.served.get(key, 0), operator.held.get(key, 0)
        remaining = pair.locked + pair.redeemed - served
        if operator.switches.wants > operator.wanted:
            ceiling = operator.wanted = operator.switches.wants
            remaining = 0
        if remaining < ceiling or operator.switches.doubling:
            details = {"requiredUsdcBase": str(ceiling), "remainingUsdcBase": str(remaining)}
            return _error(402, "vault_reservation_insufficient", "more", **details)
        outstanding = served - held + operator.inflight.get(key, 0)
        if outstanding and outstanding + ceiling > operator.switches.window:
            details = {"creditWindowUsdcBase": str(operator.switches.window)}
            return _error(402, "vault_credit_window_exceeded", "receipts first", **details)
        asked = call.headers["idempotency-key"]
        operator.asked[asked] = "admitted", 0, pair.cycle
        if asked in operator.finished:
            return StreamingResponse(
                self._streamed(operator, call, key, ceiling), media_type="text/event-stream"
            )
        if asked in operator.streamed:  # as real ones, it keeps no part of an answer for a retry
            return _error(410, "answer_expired", "the answer is not kept any more")
        operator.calls += 1
        if call.body.get("stream") and operator.streaming:
            operator.streamed.add(asked)
            return StreamingResponse(
                self._streamed(operator, call, key, ceiling), media_type="text/event-stream"
            )
        operator.inflight[key] = operator.inflight.get(key, 0) + ceiling
        try:
            await asyncio.sleep(0)
            completion = await self._answer(operator, call)
        finally:
            operator.inflight[key] -= ceiling
        told = self._vault_settlement(operator, call, completion, key, ceiling)
        if operator.switches.dies:
            return Broken()
        return self._whole(operator, call, completion, told)

    def _proved(self, operator: ScriptedOperator, call: Call, consumer: str) -> bool:
        exchange = call.channel.exchange if call.channel else call.headers["idempotency-key"]
        separator = vault_domain(self.vault.chain.chain_id, self.vault.address).separator
        proof = call.headers["x-halo-vault-proof"]
        deadline, signer = read_proof(proof, consumer, operator.address, exchange, separator)
        return deadline > time.time() and signer == self.vault.session_key(consumer)

    def _vault_settlement(
        self,
        operator: ScriptedOperator,
        call: Call,
        completion: dict[str, Any],
        key: tuple[str, int],
        ceiling: int,
    ) -> dict[str, str]:
        text = completion["choices"][0]["message"].get("content") or ""
        tokens = (prompt_tokens(call.body) + text_tokens(text)) * operator.switches.lying
        amount = cost_base(tokens, operator.price)
        if operator.switches.lying == 1:
            amount = min(amount, ceiling)
        operator.served[key] = operator.served.get(key, 0) + amount
        operator.asked[call.headers["idempotency-key"]] = "delivered", amount, key[1]
        if operator.switches.no_settlement:
            return {}
        settlement = {
            "success": True,
            "mode": "vault",
            "network": self.network,
            "transaction": "",
            "amountUsdc": str(amount),
            "tokens": tokens,
            "operator": operator.address,
            "cycle": str(key[1]),
            "cumulative": str(operator.served[key]),
        }
        return {"PAYMENT-RESPONSE": _encoded(settlement)}

    async def _streamed(
        self, operator: ScriptedOperator, call: Call, key: tuple[str, int], ceiling: int
    ) -> AsyncIterator[bytes]:
        """Words as chunks, checkpoints between them, waiting for the receipts it is owed."""
        switches = operator.switches
        completion = self._completion(operator, call.body)
        text = completion["choices"][0]["message"].get("content") or ""
        words = [word + " " for word in text.split(" ")]
        head = {k: completion[k] for k in ("id", "created", "model")}
        head["object"] = "chat.completion.chunk"
        seq = 0
        before = operator.served.get(key, 0)

        def event(value: dict[str, Any]) -> bytes:
            nonlocal seq
            number, seq = seq, seq + 1
            if call.channel is None:
                return f"data: {json.dumps(value)}\n\n".encode()
            sealed = call.channel.seal_chunk(number, json.dumps(value).encode())
            return (
                f"event: halo-chunk\ndata: {json.dumps({'seq': number, 'ct': sealed})}\n\n".encode()
            )

        def choice(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
            return {**head, "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}

        said = ""
        asked = call.headers["idempotency-key"]
        if asked in operator.finished:
            wire = json.loads(base64.b64decode(operator.finished[asked]["PAYMENT-RESPONSE"]))
            yield event(choice({"role": "assistant", "content": "".join(words)}, "stop"))
            yield event({**head, "choices": [], "usage": completion["usage"]})
            yield event({"halo": "settlement", **wire, "replayed": True})
            yield b"data: [DONE]\n\n"
            return
        try:
            if switches.tool_call:
                call_delta = completion["choices"][0]["message"]["tool_calls"][0]
                yield event(
                    choice({"role": "assistant", "tool_calls": [{"index": 0, **call_delta}]})
                )
                yield event(choice({}, "tool_calls"))
                words = []
            for number, word in enumerate(words):
                if switches.cut_after and number == switches.cut_after:
                    if switches.finishes:
                        operator.served[key] = before
                        told = self._vault_settlement(operator, call, completion, key, ceiling)
                        operator.finished[asked] = told
                    return
                if switches.gap and number == 2:
                    event(choice({"content": "lost"}))
                said += word
                delta = {"content": word} | ({"role": "assistant"} if number == 0 else {})
                yield event(choice(delta))
                if switches.pause:
                    await asyncio.sleep(switches.pause)
                if number % CHECKPOINT == CHECKPOINT - 1:
                    tokens = prompt_tokens(call.body) + text_tokens(said)
                    cost = min(cost_base(tokens * switches.lying, operator.price), ceiling)
                    operator.served[key] = before + cost
                    yield event(
                        {
                            "halo": "usage",
                            "tokens": tokens,
                            "costBase": str(cost),
                            "cumulativeProposed": str(before + cost),
                            "cycle": str(key[1]),
                        }
                    )
                    for _ in range(200):
                        if operator.held.get(key, 0) > before:
                            break
                        await asyncio.sleep(0.01)
            if not switches.tool_call:
                yield event(choice({}, "stop"))
        finally:
            operator.aborted += 1
        operator.aborted -= 1
        operator.served[key] = before
        told = self._vault_settlement(operator, call, completion, key, ceiling)
        if not switches.no_usage:
            yield event({**head, "choices": [], "usage": completion["usage"]})
        if told:
            wire = json.loads(base64.b64decode(told["PAYMENT-RESPONSE"]))
            if call.channel is not None:
                yield event({"halo": "settlement", **wire})
        yield f"event: halo-settlement\ndata: {json.dumps({k.lower(): v for k, v in told.items()})}\n\n".encode()
        yield b"data: [DONE]\n\n"

    async def _answer(self, operator: ScriptedOperator, call: Call) -> dict[str, Any]:
        """The mock model's, or an enclave's with its signature."""
        base = operator.switches.enclave
        if not base:
            return self._completion(operator, call.body)
        names = (
            "x-client-pub-key",
            "x-signing-algo",
            "x-encryption-version",
            "x-model-pub-key",
            "x-encrypt-all-fields",
        )
        headers = {n: call.headers[n] for n in names if n in call.headers}
        headers["content-type"] = "application/json"
        async with httpx.AsyncClient() as http:
            reply = await http.post(f"{base}/chat/completions", content=call.raw, headers=headers)
            assert reply.status_code == 200, reply.text
            completion = reply.json()
            query = {"model": call.body["model"], "signing_algo": "ecdsa"}
            signed = await http.get(f"{base}/signature/{completion['id']}", params=query)
        call.signature = signed.json()
        call.raw = (
            reply.content.replace(b"stop", b"stap") if operator.switches.tampers else reply.content
        )
        return dict(completion)

    def _completion(self, operator: ScriptedOperator, body: dict[str, Any]) -> dict[str, Any]:
        last = body["messages"][-1].get("content")
        text = operator.switches.reply or f"echo: {last if isinstance(last, str) else ''}"
        if operator.switches.forge_text:
            forged = {
                "success": True,
                "mode": "vault",
                "amountUsdc": "999999",
                "halo": "settlement",
            }
            text += (
                f'\n\nevent: halo-settlement\ndata: {json.dumps(forged)}\n\n{{"halo":"settlement"}}'
            )
        message: dict[str, Any] = {"role": "assistant", "content": text}
        reason = "stop"
        if operator.switches.tool_call:
            function = {"name": "weather", "arguments": '{"city":"Berlin"}'}
            message = {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
            }
            reason = "tool_calls"
        found = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_700_000_000,
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        }
        if not operator.switches.no_usage:
            prompt, completion = prompt_tokens(body), text_tokens(text)
            found["usage"] = {
                "prompt_tokens": prompt * operator.switches.lying,
                "completion_tokens": completion * operator.switches.lying,
                "total_tokens": (prompt + completion) * operator.switches.lying,
            }
        return found

    def _whole(
        self, operator: ScriptedOperator, call: Call, completion: Any, told: dict[str, str]
    ) -> Response:
        content: Any = completion
        if call.signature:
            told = {**told, "X-Halo-TEE-Signature": _encoded(call.signature)}
        if call.channel is not None and not operator.switches.plaintext_reply:
            plain = call.raw if call.signature else json.dumps(completion).encode()
            content = call.channel.seal_response(plain)
        elif call.signature:
            return Response(call.raw, 200, told, "application/json")
        return JSONResponse(content, 200, told)


class Broken(Response):
    """Headers that promise more than arrives."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"application/json"), (b"content-length", b"99")],
            }
        )
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionError("scripted")


def _encoded(value: dict[str, Any]) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


def _error(status: int, code: str, message: str, **details: Any) -> Response:
    return JSONResponse(
        {"error": {"message": message, "type": code, "code": code, **details}}, status
    )
