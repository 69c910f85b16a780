"""Who answers at a sidecar's address: nobody, ours, another program, or a process that ends just now."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from harness.errors import HarnessError
from harness.halo import detach


@contextlib.contextmanager
def dropping(
    connections: int | None, answer: bytes = b""
) -> Iterator[tuple[str, Callable[[], int]]]:
    """Takes connections and closes them, without a word if `answer` is empty; its port is free after so many."""
    listener = socket.create_server(("127.0.0.1", 0))
    seen = 0

    def serve() -> None:
        nonlocal seen
        with listener, contextlib.suppress(OSError):
            while connections is None or seen < connections:
                taken, _ = listener.accept()
                seen += 1
                with taken:
                    if answer:
                        taken.recv(4_096)
                        taken.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", lambda: seen
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_process_that_ends_is_waited_for_and_then_nothing_listens() -> None:
    with dropping(connections=3) as (url, seen):
        assert detach.present(url) is None
        assert seen() == 3


def test_what_goes_on_dropping_connections_is_another_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(detach, "ENDING_SECONDS", 0.5)
    with dropping(connections=None) as (url, seen):
        with pytest.raises(HarnessError, match=r"another program listens on .*--port \d+"):
            detach.present(url)
        assert seen() > 1


@pytest.mark.parametrize(
    "body",
    [
        b"Content-Type: text/html\r\n\r\n<p>hello",
        b"Content-Encoding: gzip\r\n\r\nnot gzip",
        b"\r\n[1]",
    ],
)
def test_what_answers_otherwise_is_another_program_at_once(body: bytes) -> None:
    with dropping(connections=None, answer=b"HTTP/1.1 200 OK\r\n" + body) as (url, seen):
        with pytest.raises(HarnessError, match="another program listens"):
            detach.present(url)
        assert seen() == 1
