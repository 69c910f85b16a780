"""`halo consume --detach`: the sidecar in a session of its own, so that no gateway's restart ends it.

Running it twice does no harm: where our sidecar answers, nothing is started.
"""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from harness.errors import HarnessError
from harness.halo.daemons import tail
from harness.halo.private import check_private
from harness.http.hosts import LOOPBACK
from harness.protocol.addresses import Address

READY_SECONDS = 30.0  # a cold start on a busy machine; an ordinary one takes two or three
PROBE_SECONDS = 1.5
ENDING_SECONDS = 5.0  # a killed process holds its port until its last write to the disk returns
LINES = 15
MARK = "HALO_DETACHED"


@dataclass(frozen=True)
class Detached:
    """`pid` is None when a sidecar was there already."""

    url: str
    pid: int | None


def reachable_host(host: str) -> str:
    """The address at which this machine reaches what is bound to `host`."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def endpoint(host: str, port: int) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"http://{shown}:{port}"


def present(url: str) -> dict[str, Any] | None:
    """What our sidecar at this address says of itself; None when nothing listens.

    HarnessError when something listens that is no sidecar. What takes a connection and drops it may be a
    process that ends at this moment: it is asked again for some seconds.
    """
    deadline = time.monotonic() + ENDING_SECONDS
    while True:
        try:
            return _health(url)
        except httpx.ConnectError:
            return None
        except httpx.TransportError:
            if time.monotonic() >= deadline:
                raise _other_program(url) from None
        time.sleep(0.1)


def _health(url: str) -> dict[str, Any]:
    try:
        found = httpx.get(f"{url}/health", timeout=PROBE_SECONDS, trust_env=False).json()
    except (ValueError, httpx.DecodingError):
        found = None
    if (
        isinstance(found, dict)
        and found.get("status") == "ok"
        and "rail" in found
        and "wallet" in found
    ):
        return found
    raise _other_program(url)


def _other_program(url: str) -> HarnessError:
    return HarnessError(f"another program listens on {url}; {alternative(url)}")


def alternative(url: str) -> str:
    """A port that is free at this moment, as advice."""
    return f"free the port, or take another: --port {free_port(httpx.URL(url).host)}"


def free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host if host in LOOPBACK else "", 0))
        return int(probe.getsockname()[1])


def check_free(host: str, port: int) -> None:
    """HarnessError naming a free port when something is bound there already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as reason:
            taken = reason.errno in (errno.EADDRINUSE, errno.EACCES)
            advice = (
                alternative(endpoint(reachable_host(host), port))
                if taken
                else "give an address of this machine: --host 127.0.0.1"
            )
            raise HarnessError(
                f"cannot listen on {host}:{port} ({reason.strerror}); {advice}"
            ) from None


def start(
    words: Sequence[str],
    url: str,
    wallet: Address,
    output: Path,
    secrets: Mapping[str, str],
    seconds: float = READY_SECONDS,
) -> Detached:
    """Start `halo <words>` and wait until it answers as this wallet's sidecar.

    `secrets` go into its environment, never onto its command line. HarnessError with its last lines when
    it does not come up.
    """
    if (found := present(url)) is not None:
        return _ours(found, wallet, url, None)
    if output.exists():
        check_private(output)
    log = os.open(output, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_NOFOLLOW, 0o600)
    try:
        child = subprocess.Popen(
            [sys.executable, "-m", "harness.cli.halo", *words],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            cwd=output.parent,
            env={**os.environ, **secrets, MARK: "1", "PYTHONPATH": python_path()},
        )
    finally:
        os.close(log)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        ended = child.poll() is not None
        found = _answer(url)
        if found is not None:
            return _ours(found, wallet, url, None if ended else child.pid)
        if ended:
            raise HarnessError(f"it ended with status {child.returncode}: {_last(output)}")
        time.sleep(0.1)
    raise HarnessError(
        f"it does not answer at {url} after {seconds:.0f} s; look at {output}: {_last(output)}"
    )


def _ours(found: Mapping[str, Any], wallet: Address, url: str, pid: int | None) -> Detached:
    if str(found["wallet"]).lower() != wallet.lower():
        raise HarnessError(
            f"the sidecar at {url} pays from {found['wallet']}, not from {wallet}; {alternative(url)}"
        )
    return Detached(url, pid)


def _answer(url: str) -> dict[str, Any] | None:
    try:
        return present(url)
    except HarnessError:
        return None  # it is binding at this moment; the deadline decides


def _last(output: Path) -> str:
    return (
        " / ".join(line for line in tail(output, LINES) if line.strip())[-800:]
        or "it printed nothing"
    )


def python_path() -> str:
    """Where this very code was loaded from: the child's working directory is another."""
    root = str(Path(__file__).resolve().parents[2])
    return os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
