"""The node behind HTTP: JSON-RPC 2.0, single and in batches."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from harness.chain.errors import ChainError
from harness.devnet.node import DevNode, error_object
from harness.http.bodies import BadBody, BodyTooLarge, read_bytes
from harness.protocol.json_text import parse_json

MAX_BYTES = 16 * 1024 * 1024
_PARSE, _INVALID = -32700, -32600


def build_rpc(node: DevNode, block_seconds: float = 0) -> ASGIApp:
    """The application. With `block_seconds` an empty block is mined that often, while it runs."""
    pool = ThreadPoolExecutor(1, thread_name_prefix="devnode")  # the EVM does one thing at a time

    async def in_thread(work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    async def answer(request: Request) -> Response:
        try:
            document = parse_json(await read_bytes(request, MAX_BYTES))
        except BodyTooLarge:
            return JSONResponse(_failed(None, _INVALID, "the request is too large"), 413)
        except (BadBody, ValueError) as bad:
            return JSONResponse(_failed(None, _PARSE, str(bad)), 400)
        return JSONResponse(await in_thread(_answer_all, node, document))

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


def _answer_all(node: DevNode, document: Any) -> Any:
    if isinstance(document, list):
        return [_answer(node, one) for one in document] or _failed(None, _INVALID, "empty batch")
    return _answer(node, document)


def _answer(node: DevNode, document: Any) -> dict[str, Any]:
    if not isinstance(document, dict) or not isinstance(document.get("method"), str):
        return _failed(None, _INVALID, "not a JSON-RPC request")
    name, params = document.get("id"), document.get("params") or []
    if not isinstance(params, list):
        return _failed(name, _INVALID, "params must be a list")
    try:
        result = node.request(document["method"], params)
    except ChainError as failure:
        return {"jsonrpc": "2.0", "id": name, "error": error_object(failure)}
    return {"jsonrpc": "2.0", "id": name, "result": result}


def _failed(name: Any, code: int, message: str) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": name, "error": {"code": code, "message": message}}
