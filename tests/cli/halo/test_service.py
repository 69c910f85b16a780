"""`halo service`: the unit's text to the byte, secrets out of it, systemctl and launchctl as shims."""

from __future__ import annotations

import os
import plistlib
import shlex
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.halo.home import Home
from harness.halo.service import Service
from harness.halo.units import (
    environment_file,
    launchd_agent,
    load_secrets,
    read_environment_file,
    systemd_unit,
)

from .conftest import QUICK, Said

Halo = Callable[..., Said]
ARGS = ("--port", "8799", "--vault", "--vault-deposit", "5", "--budget-usdc", "5")
UNIT = ".config/systemd/user/halo-consume.service"

SHIM = """#!/bin/sh
echo "$0 $*" >> "$SHIM_LOG"
case "$*" in
  *show-user*) echo Linger=no ;;
  *show*) cat "$SHIM_STATE" 2>/dev/null || printf 'MainPID=0\\nActiveState=activating\\nSubState=auto-restart\\nNRestarts=9\\nExecMainStatus=78\\n' ;;
esac
exit "${SHIM_EXIT:-0}"
"""


@pytest.fixture
def shim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """systemctl and loginctl that note what they are asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("systemctl", "loginctl"):
        (folder / name).write_text(SHIM)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    monkeypatch.setenv("SHIM_LOG", str(tmp_path / "asked"))
    monkeypatch.setenv("SHIM_STATE", str(tmp_path / "state"))
    return tmp_path


def asked(shim: Path) -> list[str]:
    lines = (shim / "asked").read_text().splitlines() if (shim / "asked").exists() else []
    return [" ".join([Path(line.split()[0]).name, *line.split()[1:]]) for line in lines]


def exec_line(unit: str) -> str:
    return next(line for line in unit.splitlines() if line.startswith("ExecStart="))


def test_a_dry_run_prints_the_unit_and_writes_nothing(
    halo: Halo, home: Home, tmp_path: Path, shim: Path
) -> None:
    for flag in ("--dry-run", "--print"):
        said = halo("service", "install", "consume", flag, "--", *ARGS)
        assert said.code == 0
        words = shlex.split(exec_line(said.out).removeprefix("ExecStart="))
        assert words[1:] == ["-m", "harness.cli.halo", "consume", *ARGS]
        for line in (
            "Restart=always",
            "RestartSec=2",
            "After=network-online.target",
            'Environment="HALO_SERVICE=1"',
        ):
            assert line in said.out.splitlines()
        assert f"EnvironmentFile=-{home.service_env}" in said.out
    assert not (tmp_path / UNIT).exists() and not asked(shim)


def test_install_status_logs_uninstall(halo: Halo, home: Home, tmp_path: Path, shim: Path) -> None:
    halo("setup", *QUICK, "--consume")
    said = halo("service", "install", "consume", "--", *ARGS)
    assert said.code == 0, said.err
    unit = (tmp_path / UNIT).read_text()
    assert shlex.split(exec_line(unit))[-len(ARGS) :] == list(ARGS)
    assert asked(shim)[:3] == [
        "systemctl --user daemon-reload",
        "systemctl --user enable halo-consume.service",
        "systemctl --user restart halo-consume.service",
    ]
    assert "enable-linger" in said.out
    (shim / "state").write_text("MainPID=4711\nActiveState=active\nSubState=running\nNRestarts=0\n")
    said = halo("service", "status", "consume")
    assert said.code == 0 and "PID 4711" in said.out
    (shim / "state").unlink()
    said = halo("service", "status", "consume")
    assert (
        said.code == 1
        and "PID" not in said.out
        and "exit status 78" in said.out
        and "9 restarts" in said.out
    )
    home.log("consume").write_text("".join(f"line {n}\n" for n in range(40)))
    said = halo("service", "logs", "consume")
    assert said.code == 0 and str(home.errors("consume")) in said.out
    assert "line 39" in said.out and "line 25" in said.out and "line 24" not in said.out
    assert "would remove" in halo("service", "uninstall", "consume", "--dry-run").out
    assert (tmp_path / UNIT).exists()
    said = halo("service", "uninstall", "consume")
    assert said.code == 0 and not (tmp_path / UNIT).exists()
    assert "systemctl --user disable --now halo-consume.service" in asked(shim)
    said = halo("service", "uninstall", "consume")
    assert said.code == 0 and "nothing to remove" in said.out
    assert home.config.exists() and home.keystore.exists()


def test_the_target_is_consume_unless_named(halo: Halo, shim: Path) -> None:
    assert "halo-consume.service" in halo("service", "install", "--dry-run").out
    assert "halo-serve.service" in halo("service", "install", "serve", "--dry-run").out
    assert halo("service", "install", "relay", "--dry-run").code == 2


def test_a_mistyped_daemon_flag_fails_before_anything_is_installed(
    halo: Halo, shim: Path, tmp_path: Path
) -> None:
    halo("setup", *QUICK)
    said = halo("service", "install", "consume", "--", "--prot", "8799")
    assert said.code == 2 and "--port" in said.err and not (tmp_path / UNIT).exists()
    assert "Usage: halo consume" in said.err


def test_k1_the_passphrase_is_in_a_private_file_and_nowhere_else(
    halo: Halo, home: Home, tmp_path: Path, shim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    passphrase = 'Corr"ect-$HOME-`x`-\\9'
    monkeypatch.setenv("HALO_PASSPHRASE", passphrase)
    halo("setup", "--provider", "mock", "--consume")
    said = halo("service", "install", "consume")
    assert said.code == 0, said.err
    assert passphrase not in (tmp_path / UNIT).read_text() + said.out + "".join(asked(shim))
    assert stat.S_IMODE(home.service_env.stat().st_mode) == 0o600
    monkeypatch.delenv("HALO_PASSPHRASE")
    environ: dict[str, str] = {}
    load_secrets(home, environ)
    assert environ == {"HALO_PASSPHRASE": passphrase}
    said = halo("service", "install", "serve")
    assert said.code == 1 and "HALO_PASSPHRASE" in said.err


def test_a_secret_on_the_daemons_command_line_is_refused(
    halo: Halo, home: Home, shim: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    halo("setup", *QUICK)
    for words in (("--api-key", "bearer"), ("--api-key=bearer",), ("--budget-token", "t")):
        said = halo("service", "install", "consume", "--", *words)
        assert said.code == 1 and "env:NAME" in said.err and not (tmp_path / UNIT).exists()
    monkeypatch.setenv("MY_BEARER", "the-bearer")
    said = halo("service", "install", "consume", "--", "--api-key", "env:MY_BEARER")
    assert said.code == 0, said.err
    assert "the-bearer" not in (tmp_path / UNIT).read_text()
    assert read_environment_file(home.service_env.read_text()) == {"MY_BEARER": "the-bearer"}


def test_a_missing_or_failing_user_manager_is_explained(
    halo: Halo, shim: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    halo("setup", *QUICK)
    monkeypatch.setenv("SHIM_EXIT", "1")
    said = halo("service", "install", "consume")
    assert said.code == 1 and "enable-linger" in said.err
    monkeypatch.setenv("PATH", "/nonexistent")
    said = halo("service", "install", "consume")
    assert said.code == 1 and "halo consume --detach" in said.err


def test_systemd_accepts_the_unit(halo: Halo, home: Home, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    home.root.mkdir(mode=0o700)
    said = halo("service", "install", "consume", "--dry-run", "--", *ARGS)
    unit = tmp_path / "halo-consume.service"
    unit.write_text(said.out)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(unit)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "halo-consume.service" not in done.stderr, done.stderr


def test_launchd(home: Home) -> None:
    args = ["--label", '<a & "b">', "--x", "%h $HOME"]
    text = Service("consume", home, "darwin", {"PATH": "/bin"}).text(args)
    agent = plistlib.loads(text.encode())
    assert (
        agent["Label"] == "com.halo-consume"
        and agent["KeepAlive"] is True
        and agent["ThrottleInterval"] == 5
    )
    assert agent["ProgramArguments"][-4:] == args
    assert agent["EnvironmentVariables"]["HALO_SERVICE"] == "1"


TEXT = st.text(
    st.characters(blacklist_categories=("Cs", "Cc"), blacklist_characters="\u2028\u2029\x85"),
    max_size=30,
)


@settings(
    max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(st.lists(TEXT, max_size=4))
def test_arguments_come_through_whatever_they_contain(words: list[str]) -> None:
    home = Home(Path("/srv/halo"))
    line = exec_line(systemd_unit("consume", words, home, {})).removeprefix("ExecStart=")
    assert _systemd_words(line) == words
    agent = plistlib.loads(launchd_agent("consume", ["x", *_xml(words)], home, {}).encode())
    assert agent["ProgramArguments"] == ["x", *_xml(words)]


def _xml(words: list[str]) -> list[str]:
    return [w for w in words if all(c.isprintable() for c in w)]


def _systemd_words(line: str) -> list[str]:
    """systemd's own reading: quotes, backslashes, %% and $$."""
    found, word, inside, escaped = [], "", False, False
    for character in line:
        if escaped:
            word, escaped = word + character, False
        elif character == "\\":
            escaped = True
        elif character == '"':
            if inside:
                found.append(word.replace("%%", "%").replace("$$", "$"))
                word = ""
            inside = not inside
        elif inside:
            word += character
    return found


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z_]{0,8}", fullmatch=True), TEXT, max_size=4))
def test_the_environment_file_gives_back_what_went_in(values: dict[str, str]) -> None:
    assert read_environment_file(environment_file(values)) == values


def test_line_breaks_are_refused() -> None:
    for text in ("a\nb", "a\rb", "a\0b"):
        with pytest.raises(ValueError, match="line break"):
            environment_file({"X": text})
        with pytest.raises(ValueError, match="line break"):
            systemd_unit("consume", [text], Home(Path("/srv")), {})
