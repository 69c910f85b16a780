"""A server inside somebody else's event loop: for the devnet, and wherever one process holds several."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from harness.errors import ConfigError, HarnessError
from harness.http.serving import host_and_port


class _Embedded:
    """Mixed into uvicorn's server: signals, and the end, are for the process that embeds it."""

    should_exit: bool

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)  # type: ignore[misc]
        except SystemExit:  # uvicorn would take the whole process along, without a word
            self.should_exit = True


@asynccontextmanager
async def running(
    app: ASGIApp, listen: str, drain_seconds: float = 5, **options: Any
) -> AsyncIterator[str]:
    """Serve inside this event loop for as long as the block lasts; gives the URL.

    Port 0 takes a free one. `options` are uvicorn's. ConfigError when the port is taken; what the application
    refuses to start with, as it raised it.
    """
    import uvicorn

    from harness.http.strict import StrictHttp

    host, port = host_and_port(listen)
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as reason:
        bound.close()
        raise ConfigError(f"cannot listen on {listen}: {reason.strerror}") from None
    settings: dict[str, Any] = {
        "http": StrictHttp,
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "lifespan": "on",
        "h11_max_incomplete_event_size": 32 * 1024,
        "timeout_keep_alive": 75,
        "timeout_graceful_shutdown": int(drain_seconds),
    }
    refused: list[HarnessError] = []

    async def watched(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await app(scope, receive, send)
        except HarnessError as error:
            if scope["type"] == "lifespan":
                refused.append(error)
            raise

    config = uvicorn.Config(watched, **settings | options)
    server = type("Server", (_Embedded, uvicorn.Server), {})(config)
    task = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started:
            if task.done():
                task.result()
                if refused:
                    raise refused[0]
                raise ConfigError(f"the service at {listen} did not start; its log says why")
            await asyncio.sleep(0.005)
        shown = f"[{host}]" if ":" in host else host
        yield f"http://{shown}:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        await task
        bound.close()


@asynccontextmanager
async def running_apart(app: ASGIApp, listen: str) -> AsyncIterator[str]:
    """As `running`, in a thread with an event loop of its own: for what this loop asks and waits for."""
    ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    here = asyncio.get_running_loop()
    stop = threading.Event()

    async def main() -> None:
        async with running(app, listen) as url:
            here.call_soon_threadsafe(ready.set_result, url)
            await asyncio.get_running_loop().run_in_executor(None, stop.wait)

    def work() -> None:
        try:
            asyncio.run(main())
        except BaseException as failure:
            here.call_soon_threadsafe(_fail, ready, failure)

    thread = threading.Thread(target=work, name="embedded server", daemon=True)
    thread.start()
    try:
        yield await ready
    finally:
        stop.set()
        await asyncio.to_thread(thread.join, 30)


def _fail(ready: asyncio.Future[str], failure: BaseException) -> None:
    if not ready.done():
        ready.set_exception(failure)
