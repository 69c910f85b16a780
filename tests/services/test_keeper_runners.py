"""The two runners: limits in time and output, no shell, no secrets, honest failures."""

from __future__ import annotations

import base64
import json
import socket
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigError
from harness.services.keeper.app import build_runner
from harness.services.keeper.endpoint import HttpRunner
from harness.services.keeper.runner import OUTPUT_BYTES, Result, Work, parse_spent
from harness.services.keeper.settings import KeeperSettings
from harness.services.keeper.shell import ShellRunner

DIAMOND = "0x" + "00" * 19 + "01"
WORK = Work(31337, DIAMOND, 7, 1_700_000_060, 3, DIAMOND, b"say \xffhi; $(touch x)", 10**17)


def python(code: str, *more: str) -> ShellRunner:
    return ShellRunner([sys.executable, "-c", code, *more])


def test_a_command_gets_the_task_on_stdin_and_ids_in_its_environment(tmp_path: Path) -> None:
    seen = tmp_path / "seen.json"
    code = (
        "import sys, os, json; json.dump({'task': sys.stdin.buffer.read().hex(), 'cwd': os.getcwd(),"
        "'files': os.listdir('.'), 'argv': sys.argv[1:], 'env': dict(os.environ)}, open(sys.argv[1], 'w'))"
    )
    assert python(code, str(seen)).run(WORK, 10) == Result(True, "exit status 0")
    told = json.loads(seen.read_text())
    assert bytes.fromhex(told["task"]) == WORK.task
    assert told["argv"] == [str(seen)]
    assert told["files"] == [] and not Path(told["cwd"]).exists()
    env = told["env"]
    assert (env["FACETWORKS_JOB_ID"], env["FACETWORKS_JOB_SLOT"]) == ("7", "1700000060")
    assert (env["FACETWORKS_TARGET_ID"], env["FACETWORKS_CHAIN_ID"]) == ("3", "31337")
    assert env["FACETWORKS_ALLOWANCE_WEI"] == str(10**17)
    assert env["FACETWORKS_IDEMPOTENCY_KEY"] == f"31337:{DIAMOND}:7:1700000060"


def test_a_command_does_not_see_the_keepers_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FACETWORKS_KEEPER_KEY", "secret")
    monkeypatch.setenv("MODEL_TOKEN", "needed")
    code = "import os, sys; print(sorted(k for k in os.environ if k in sys.argv))"
    names = ["FACETWORKS_KEEPER_KEY", "MODEL_TOKEN"]
    plain = ShellRunner([sys.executable, "-c", code, *names]).run(WORK, 10)
    assert plain.output == b"[]\n"
    passing = ShellRunner([sys.executable, "-c", code, *names], ["MODEL_TOKEN"]).run(WORK, 10)
    assert passing.output == b"['MODEL_TOKEN']\n"


def test_a_command_may_name_its_cost() -> None:
    code = "import os, sys; open(os.environ['FACETWORKS_SPENT_FILE'], 'w').write(sys.argv[1])"
    assert python(code, "12345\n").run(WORK, 10).spent_wei == 12345
    assert python(code, "-1").run(WORK, 10).spent_wei is None
    assert python(code, "9" * 60).run(WORK, 10).spent_wei is None
    failing = python(code + "; sys.exit(4)", "99").run(WORK, 10)
    assert (failing.succeeded, failing.detail, failing.spent_wei) == (False, "exit status 4", 99)


def test_time_is_limited_for_the_whole_family(tmp_path: Path) -> None:
    mark = tmp_path / "still alive"
    child = f"import time, pathlib; time.sleep(4.5); pathlib.Path({str(mark)!r}).touch()"
    code = (
        "import subprocess, sys, time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        f"subprocess.Popen([sys.executable, '-c', {child!r}]); print('started', flush=True); time.sleep(60)"
    )
    started = time.monotonic()
    result = python(code).run(WORK, 1.0)
    assert time.monotonic() - started < 6
    assert (result.succeeded, result.detail) == (False, "stopped after 1 s")
    assert result.output == b"started\n"
    time.sleep(3)
    assert not mark.exists()


def test_helpers_left_behind_do_not_outlive_a_command(tmp_path: Path) -> None:
    mark = tmp_path / "still alive"
    child = f"import time, pathlib; time.sleep(1.5); pathlib.Path({str(mark)!r}).touch()"
    started = time.monotonic()
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}])"
    assert python(code).run(WORK, 10).succeeded
    assert time.monotonic() - started < 1.4  # it holds our pipe open, and is not waited for
    time.sleep(1.8)
    assert not mark.exists()


def test_output_is_limited_and_never_blocks() -> None:
    result = python("print('x' * 3_000_000)").run(WORK, 20)
    assert result.succeeded and result.output == b"x" * OUTPUT_BYTES
    big = Work(**{**vars(WORK), "task": b"t" * 1_000_000})
    assert python("print('did not read')").run(big, 10).succeeded


def test_a_command_that_cannot_start_is_a_failed_run() -> None:
    result = ShellRunner(["/nonexistent/command"]).run(WORK, 1)
    assert not result.succeeded and "cannot start" in result.detail


def test_words_are_split_once_and_nothing_is_expanded(tmp_path: Path) -> None:
    script = tmp_path / "show"
    script.write_text('#!/bin/sh\nprintf "%s|" "$@"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    settings = KeeperSettings(rpc="http://x", diamond=DIAMOND, command=f"{script} 'a b' $HOME *")
    assert build_runner(settings).run(WORK, 5).output == b"a b|$HOME|*|"


def test_exactly_one_runner_must_be_named() -> None:
    base = {"rpc": "http://x", "diamond": DIAMOND}
    for wrong in ({}, {"command": "a", "endpoint": "http://b"}, {"command": "'open"}):
        with pytest.raises(ConfigError):
            build_runner(KeeperSettings(**base, **wrong))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="cannot load"):
        build_runner(KeeperSettings(**base, runner="no.such.module:thing"))  # type: ignore[arg-type]
    with pytest.raises(ConfigError, match="cannot run"):
        build_runner(KeeperSettings(**base, runner="builtins:dict"))  # type: ignore[arg-type]


@contextmanager
def endpoint(answer: Callable[[BaseHTTPRequestHandler, bytes], None]) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answer(self, body)

        def log_message(self, format: str, *args: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/run?x=1"
    finally:
        server.shutdown()
        server.server_close()


def reply(status: int, body: bytes) -> Callable[[BaseHTTPRequestHandler, bytes], None]:
    def answer(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(status)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def test_an_endpoint_gets_one_post_that_names_the_slot() -> None:
    seen: list[tuple[str, dict[str, str], dict[str, Any]]] = []

    def answer(handler: BaseHTTPRequestHandler, body: bytes) -> None:
        seen.append((handler.path, dict(handler.headers), json.loads(body)))
        reply(200, json.dumps({"spentWei": "77", "output": "héllo"}).encode())(handler, body)

    with endpoint(answer) as url:
        result = HttpRunner(url, "token").run(WORK, 5)
    assert result == Result(True, "HTTP 200", 77, "héllo".encode())
    ((path, headers, body),) = seen
    assert path == "/run?x=1"
    lowered = {name.lower(): value for name, value in headers.items()}
    assert lowered["idempotency-key"] == WORK.key
    assert lowered["authorization"] == "Bearer token"
    assert base64.b64decode(body["task"]) == WORK.task
    assert (body["job"], body["slot"], body["allowanceWei"]) == ("7", 1_700_000_060, str(10**17))


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (204, b"", Result(True, "HTTP 204")),
        (200, b"plain words", Result(True, "HTTP 200", None, b"plain words")),
        (500, b'{"spentWei": "5"}', Result(False, "HTTP 500", 5, b'{"spentWei": "5"}')),
        (302, b"", Result(False, "HTTP 302")),
        (200, b'{"spentWei": -5}', Result(True, "HTTP 200", None, b'{"spentWei": -5}')),
        (200, b"[1]", Result(True, "HTTP 200", None, b"[1]")),
    ],
)
def test_answers_of_an_endpoint(status: int, body: bytes, expected: Result) -> None:
    with endpoint(reply(status, body)) as url:
        assert HttpRunner(url).run(WORK, 5) == expected


def test_a_long_answer_is_cut() -> None:
    with endpoint(reply(200, b"y" * 1_000_000)) as url:
        assert HttpRunner(url).run(WORK, 5).output == b"y" * OUTPUT_BYTES


def test_an_endpoint_that_drips_runs_out_of_time() -> None:
    def drip(handler: BaseHTTPRequestHandler, _body: bytes) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "1000")
        handler.end_headers()
        for _ in range(50):
            try:
                handler.wfile.write(b"z")
                handler.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    with endpoint(drip) as url:
        started = time.monotonic()
        result = HttpRunner(url).run(WORK, 0.7)
        assert time.monotonic() - started < 2
    assert not result.succeeded and "in 0.7 s" in result.detail


def test_an_endpoint_that_is_not_there_is_a_failed_run() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    result = HttpRunner(f"http://127.0.0.1:{port}/").run(WORK, 2)
    assert not result.succeeded and result.detail.startswith("no answer")


@pytest.mark.parametrize("url", ["ftp://x/", "x", "http://user:pw@x/", "file:///etc/passwd"])
def test_strange_endpoints_are_refused(url: str) -> None:
    with pytest.raises(ConfigError):
        HttpRunner(url)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        (" 12\n", 12),
        ("", None),
        ("1e3", None),
        ("٣", None),
        ("-2", None),
        ("9" * 39, None),
    ],
)
def test_costs_are_decimal_wei(text: str, value: int | None) -> None:
    assert parse_spent(text) == value
