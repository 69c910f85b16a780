"""The error envelope that all services share, in the shape clients of OpenAI's API know."""

from __future__ import annotations

from typing import Any

from starlette.responses import JSONResponse

MAX_MESSAGE = 500


def error(
    status: int,
    code: str,
    message: str,
    kind: str = "invalid_request_error",
    details: dict[str, Any] | None = None,
    **beside: Any,
) -> JSONResponse:
    """`{"error": {"message", "type", "code", ...details}, ...beside}`. Messages end with what to do."""
    body = {"message": message[:MAX_MESSAGE], "type": kind, "code": code, **(details or {})}
    return JSONResponse({"error": body, **beside}, status)
