"""A runner that starts a command. The task goes to its standard input, ids into its environment.

No shell sees anything a stranger wrote: the command is a list of words from the configuration, and
nothing of the job is put into it. The command gets its own process group, which is ended as a whole
when time is up, and a small environment without the keeper's secrets.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from harness.services.keeper.runner import OUTPUT_BYTES, Result, Work, parse_spent

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")
_GRACE_SECONDS = 2.0
_POLL_SECONDS = 0.01


class ShellRunner:
    """Runs `command` once per slot; exit status 0 is success.

    The command may write what the run cost, in wei, to the file named by FACETWORKS_SPENT_FILE.
    """

    def __init__(self, command: Sequence[str], pass_environment: Sequence[str] = ()) -> None:
        if not command:
            raise ValueError("an empty command")
        self._command = list(command)
        self._passed_on = (*_PASSED_ON, *pass_environment)

    def run(self, work: Work, seconds: float) -> Result:
        with tempfile.TemporaryDirectory(prefix="facetworks-run-") as folder:
            spent_file = Path(folder) / "spent"
            try:
                child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    env=self._environment(work, spent_file),
                    cwd=folder,
                    start_new_session=True,
                )
            except OSError as reason:
                return Result(False, f"cannot start {self._command[0]}: {reason.strerror}")
            status, output = _attend(child, work.task, seconds)
            spent = _read_spent(spent_file)
        if status is None:
            return Result(False, f"stopped after {seconds:g} s", spent, output)
        if status != 0:
            return Result(False, f"exit status {status}", spent, output)
        return Result(True, "exit status 0", spent, output)

    def _environment(self, work: Work, spent_file: Path) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in self._passed_on if name in os.environ}
        return {
            **inherited,
            "FACETWORKS_JOB_ID": str(work.job),
            "FACETWORKS_JOB_SLOT": str(work.slot),
            "FACETWORKS_TARGET_ID": str(work.target),
            "FACETWORKS_OWNER": work.owner,
            "FACETWORKS_CHAIN_ID": str(work.chain_id),
            "FACETWORKS_DIAMOND": work.diamond,
            "FACETWORKS_ALLOWANCE_WEI": str(work.allowance_wei),
            "FACETWORKS_IDEMPOTENCY_KEY": work.key,
            "FACETWORKS_SPENT_FILE": str(spent_file),
        }


def _attend(
    child: subprocess.Popen[bytes], task: bytes, seconds: float
) -> tuple[int | None, bytes]:
    """Feed, listen and wait; exit status (None when it had to be stopped) and the first output."""
    assert child.stdin is not None and child.stdout is not None
    kept = bytearray()
    feeding = threading.Thread(target=_feed, args=(child.stdin, task), daemon=True)
    listening = threading.Thread(target=_listen, args=(child.stdout, kept), daemon=True)
    feeding.start()
    listening.start()
    ended = _wait(child, seconds)
    if not ended:
        _signal_group(child, signal.SIGTERM)
        _wait(child, _GRACE_SECONDS)
    _signal_group(child, signal.SIGKILL)  # what it started must not outlive it
    status = child.wait()
    listening.join(_GRACE_SECONDS)
    return status if ended else None, bytes(kept)


def _wait(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether it ends in time. It is not reaped yet, so its group id cannot become somebody else's."""
    deadline = time.monotonic() + seconds
    how = os.WEXITED | os.WNOHANG | os.WNOWAIT
    while os.waitid(os.P_PID, child.pid, how) is None:
        if time.monotonic() >= deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _signal_group(child: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(child.pid, number)
    except (ProcessLookupError, PermissionError):
        return


def _feed(pipe: IO[bytes], task: bytes) -> None:
    try:
        pipe.write(task)
        pipe.close()
    except OSError:
        return  # it does not read, or is gone


def _listen(pipe: IO[bytes], kept: bytearray) -> None:
    """Keep the beginning and read on to the end, so that a chatty command is not blocked."""
    try:
        while part := pipe.read1(65536):  # type: ignore[attr-defined]
            kept += part[: OUTPUT_BYTES - len(kept)]
    except (OSError, ValueError):
        return
    finally:
        pipe.close()


def _read_spent(path: Path) -> int | None:
    try:
        with path.open("rb") as source:
            return parse_spent(source.read(64).decode("ascii", "replace"))
    except OSError:
        return None
