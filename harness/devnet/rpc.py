"""The node behind HTTP: JSON-RPC 2.0, single and in batches."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from harness.chain.errors import ChainError
from harness.devnet.node import DevNode, error_object
from harness.http.bodies import BadBody, BodyTooLarge, read_bytes
from harness.protocol.json_text import parse_json

MAX_BYTES = 16 * 1024 * 1024
MAX_BATCH = 1_000
MAX_ANSWER_BYTES = 32 * 1024 * 1024  # of a batch: what comes after it is not worked on
_PARSE, _INVALID, _PARAMS, _TOO_MUCH = -32700, -32600, -32602, -32003


def build_rpc(node: DevNode, block_seconds: float = 0) -> ASGIApp:
    """The application. With `block_seconds` an empty block is mined that often, while it runs."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="devnode")  # the EVM does one thing at a time

    async def in_thread(work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    async def answer(request: Request) -> Response:
        try:
            document = parse_json(await read_bytes(request, MAX_BYTES))
        except BodyTooLarge:
            return _response(_encoded(_failed(None, _INVALID, "the request is too large")), 413)
        except (BadBody, ValueError) as bad:
            return _response(_encoded(_failed(None, _PARSE, str(bad))), 400)
        return _response(await in_thread(_answer_all, node, document))

    async def beat() -> None:
        while True:
            await asyncio.sleep(block_seconds)
            await in_thread(node.beat)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        task = asyncio.create_task(beat()) if block_seconds else None
        try:
            yield
        finally:
            if task is not None:
                task.cancel()
            pool.shutdown(wait=True)

    app = Starlette(routes=[Route("/", answer, methods=["POST"])], lifespan=lifespan)
    app.add_middleware(
        CORSMiddleware, allow_origins=["*"], allow_methods=["POST"], allow_headers=["*"]
    )
    return app


def _answer_all(node: DevNode, document: Any) -> bytes:
    if not isinstance(document, list):
        return _encoded(_answer(node, document))
    if not 0 < len(document) <= MAX_BATCH:
        return _encoded(_failed(None, _INVALID, f"a batch has 1 to {MAX_BATCH:,} requests"))
    answers: list[bytes] = []
    size = 0
    for one in document:
        if size < MAX_ANSWER_BYTES:
            answers.append(_encoded(_answer(node, one)))
        else:
            answers.append(_encoded(_failed(_name(one), _TOO_MUCH, "the answer is too large")))
        size += len(answers[-1])
    return b"[" + b",".join(answers) + b"]"


def _answer(node: DevNode, document: Any) -> dict[str, Any]:
    name = _name(document)
    if not isinstance(document, dict) or not isinstance(document.get("method"), str):
        return _failed(name, _INVALID, "not a JSON-RPC request")
    if name != document.get("id"):
        return _failed(None, _INVALID, "id must be a text or a number")
    params = document.get("params")
    if params is None:
        params = []
    if not isinstance(params, list):
        return _failed(name, _PARAMS, "params must be a list")
    try:
        result = node.request(document["method"], params)
    except ChainError as failure:
        return {"jsonrpc": "2.0", "id": name, "error": error_object(failure)}
    return {"jsonrpc": "2.0", "id": name, "result": result}


def _name(document: Any) -> str | float | None:
    """The id of a request as it may be said back; None for what is no id."""
    found = document.get("id") if isinstance(document, dict) else None
    if isinstance(found, float) and not math.isfinite(found):
        return None
    return found if isinstance(found, (str, int, float)) and not isinstance(found, bool) else None


def _failed(name: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": name, "error": {"code": code, "message": message}}


def _encoded(answer: dict[str, Any]) -> bytes:
    """In ASCII: an id may have half of a surrogate pair, which only an escape can say back."""
    return json.dumps(answer, separators=(",", ":"), allow_nan=False).encode()


def _response(content: bytes, status: int = 200) -> Response:
    return Response(content, status, media_type="application/json")
