"""`halo setup` with somebody at the keyboard: a pseudo-terminal, and keys typed when a prompt shows."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Sequence

from harness.halo.config import HaloConfig
from harness.halo.home import Home
from harness.halo.wallet import Keystore
from tests.harness.contracts import ROOT

from .conftest import QUICK, Said

Halo = Callable[..., Said]
Config = Callable[[], HaloConfig]
PASSPHRASE = "Correct-horse-9"
CTRL_C = "\x03"


def _at_a_terminal() -> None:
    """In the child: the terminal is its own, and Ctrl-C means something, however the tests were started."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def typed(words: Sequence[str], dialogue: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run `halo <words>`; type each answer once its prompt has been seen. Exit code and screen."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "harness.cli.halo", *words],
        stdin=child, stdout=child, stderr=child, cwd=ROOT, start_new_session=True,
        preexec_fn=_at_a_terminal,
    )  # fmt: skip
    os.close(child)
    screen, waiting, mark = "", list(dialogue), 0
    deadline = time.monotonic() + 60
    try:
        while time.monotonic() < deadline:
            ready, _, _ = select.select([parent], [], [], 0.2)
            if ready:
                try:
                    piece = os.read(parent, 4096).decode("utf-8", "replace")
                except OSError:  # the other side has closed
                    break
                if not piece:
                    break
                screen += piece
            if waiting and waiting[0][0] in screen[mark:]:
                prompt, answer = waiting.pop(0)
                mark = screen.index(prompt, mark) + len(prompt)
                time.sleep(
                    0.2
                )  # a password prompt throws away what was typed before it hides the keys
                os.write(parent, (answer if answer == CTRL_C else answer + "\n").encode())
            if not ready and process.poll() is not None:
                break
        try:
            code = process.wait(10)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still asking:\n{screen}") from None
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(parent)
    assert not waiting, f"never asked: {waiting[0][0]}\n{screen}"
    return code, screen


def test_the_whole_dialogue(home: Home, config: Config) -> None:
    code, screen = typed(
        ["setup"],
        [
            ("Inference provider", "mock"), ("Models to advertise", "1"), ("Pricing", "flat"),
            ("USD per 1,000 tokens", "0.002"), ("in cents", "5000"), ("in cents", "2"),
            ("Also use this wallet to consume", "y"), ("Default model", ""), ("Models you will pay for", "any"),
            ("Most to pay", "0.2"), ("Local port", "8800"), ("Wallet", "generate"),
            ("New wallet passphrase", "short"), ("New wallet passphrase", PASSPHRASE), ("Once more", PASSPHRASE),
            ("Back up", "skip"),
        ],
    )  # fmt: skip
    assert code == 0, screen
    assert "more than $10" in screen and "too short" in screen
    assert PASSPHRASE not in screen  # not echoed
    stored = config()
    assert stored.pricing is not None and stored.pricing.fallback_per_request_usdc == 20_000
    assert stored.consume is not None and stored.consume.port == 8800
    assert len(stored.providers[0].models) == 1 and not stored.operator.no_passphrase
    assert Keystore.read(home.keystore).unlock(PASSPHRASE).address == stored.operator.address


def test_ctrl_c_ends_with_130_and_leaves_nothing(home: Home) -> None:
    code, screen = typed(["setup"], [("Inference provider", CTRL_C)])
    assert code == 130 and "interrupted" in screen
    assert not home.config.exists() and not home.keystore.exists()


def test_a_rotation_must_be_typed(halo: Halo, home: Home, config: Config) -> None:
    halo("setup", *QUICK)
    old = config().operator.address
    code, screen = typed(
        ["setup", "--rotate-wallet", "--no-wallet-passphrase"], [("last 4 digits", "zzzz")]
    )
    assert code == 1 and "as it was" in screen and config().operator.address == old
    code, _ = typed(
        ["setup", "--rotate-wallet", "--no-wallet-passphrase"], [("last 4 digits", old[-4:])]
    )
    assert code == 0 and config().operator.address != old
    assert list(home.root.glob(f"keystore.{old}.*.json"))
