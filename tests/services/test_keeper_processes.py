"""Real keeper processes: twice at once, killed anywhere, and started by the documented lines."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.protocol.runs import RunState
from harness.services.keeper.runner import OUTPUT_BYTES
from harness.store.database import Database
from harness.store.runs import SqlRunLedger
from tests.harness.contracts import ROOT

from .keeper_world import FIRE, LH, SCHEDULER, World
from .test_keeper import deployed, world

__all__ = ["deployed", "world"]

OPERATORS = ROOT / "docs" / "operators"


@pytest.fixture
def home(world: World, tmp_path: Path) -> Path:
    """A keeper's home: checkout, configuration, key, and a command that notes each run."""
    home = tmp_path / "home"
    for folder in (".config/facetworks", ".local/state/facetworks", "bin"):
        (home / folder).mkdir(parents=True, mode=0o700)
    (home / ".local/state/facetworks").chmod(0o700)
    (home / "facetworks").symlink_to(ROOT)
    command = home / "bin" / "run-job"
    command.write_text(
        "#!/bin/sh\n"
        f'echo "$FACETWORKS_JOB_ID $FACETWORKS_JOB_SLOT $(cat)" >> "{home}/runs"\n'
        f'sleep "$(cat "{home}/pause" 2>/dev/null || echo 0)"\n'
        "echo worked\n"
    )
    command.chmod(0o700)
    key = home / ".config/facetworks/scheduler.key"
    key.touch(0o600)
    key.write_text("0x" + SCHEDULER._secret.hex())
    (home / ".config/facetworks/keeper.toml").write_text(
        "[keeper]\n"
        f'rpc = "{world.anvil.url}"\n'
        f'diamond = "{world.economy.diamond.address}"\n'
        f'key_file = "{key}"\n'
        f'state = "{home}/.local/state/facetworks"\n'
        f'command = "{command}"\n'
    )
    return home


def start(home: Path, crash_at: str | None = None) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home)}
    if crash_at:
        environment["FACETWORKS_CRASH_AT"] = crash_at
    return subprocess.Popen(
        [
            sys.executable, "-m", "scripts.keeper", "--once", "--json",
            "--config", str(home / ".config/facetworks/keeper.toml"),
        ],
        cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def finish(process: subprocess.Popen[str]) -> tuple[int, dict[str, object], str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, json.loads(out) if out else {}, err


def tick(home: Path, crash_at: str | None = None) -> tuple[int, dict[str, object], str]:
    return finish(start(home, crash_at))


def runs(home: Path) -> list[str]:
    path = home / "runs"
    return path.read_text().splitlines() if path.exists() else []


def test_exit_codes_tell_what_happened(world: World, home: Path) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    assert tick(home)[0] == 10
    world.later()
    code, report, err = tick(home)
    assert (code, report["fired"], err.count("Traceback")) == (0, 1, 0)
    assert runs(home) == [f"{job} {alice.schedule.get_job(job).next_run - 60} say hello"]
    world.later()
    world.chain.set_balance(SCHEDULER.address, 0)
    code, report, _ = tick(home)
    assert (code, report["status"]) == (12, "no_funds")
    world.chain.set_balance(SCHEDULER.address, LH)
    (home / "bin/run-job").write_text("#!/bin/sh\nexit 3\n")
    code, report, _ = tick(home)
    assert (code, report["failed"]) == (11, 1)


def test_two_at_once_run_and_debit_once(world: World, home: Path) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()
    (home / "pause").write_text("1.5")
    both = [start(home), start(home)]
    codes = sorted(finish(process)[0] for process in both)
    assert codes in ([0, 75], [0, 10])  # 10: the second one came when the first was done
    assert len(runs(home)) == 1
    assert alice.schedule.get_job(job).budget_wei == 4 * FIRE


@pytest.mark.parametrize(
    ("point", "ran", "charged"),
    [
        ("keeper.claimed", 0, 0),
        ("keeper.finished", 1, 0),
        ("keeper.ran", 1, FIRE),
        ("keeper.recording", 1, FIRE),
        ("journal.reserving", 1, FIRE),
        ("outbox.signed", 1, FIRE),
        ("outbox.broadcast", 1, FIRE),
    ],
)
def test_killed_anywhere_the_slot_is_neither_rerun_nor_charged_twice(
    world: World, home: Path, point: str, ran: int, charged: int
) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    slot = alice.schedule.get_job(job).next_run
    world.later()
    assert tick(home, crash_at=point)[0] == 137
    assert len(runs(home)) == ran
    code, report, err = tick(home)
    assert (code, report["recovered"]) == (0, 1), err
    assert len(runs(home)) == ran
    after = alice.schedule.get_job(job)
    assert (after.budget_wei, after.runs_left) == (5 * FIRE - charged, 99)
    assert after.next_run == slot + 60
    assert world.chain.nonce(SCHEDULER.address) == 1
    assert tick(home)[0] == 10


def test_kill_9_while_the_runner_works(world: World, home: Path) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()
    (home / "pause").write_text("30")
    process = start(home)
    deadline = time.monotonic() + 20
    while not runs(home):
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.05)
    process.kill()
    process.communicate()
    (home / "pause").write_text("0")
    code, report, _ = tick(home)
    assert (code, report["recovered"]) == (0, 1)
    assert len(runs(home)) == 1
    assert alice.schedule.get_job(job).budget_wei == 5 * FIRE


def crontab_line() -> str:
    """The one line in the crontab block of the page."""
    page = (OPERATORS / "cron.md").read_text()
    (block,) = re.findall(r"```crontab\n(.*?)```", page, re.DOTALL)
    (line,) = block.strip().splitlines()
    return str(line)


def test_the_documented_crontab_line_works_as_cron_runs_it(world: World, home: Path) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    world.later()
    schedule, command = crontab_line().split(" ", 5)[:5], crontab_line().split(" ", 5)[5]
    assert schedule == ["*"] * 5
    environment = {  # what cron gives, and nothing else
        "HOME": str(home), "LOGNAME": "keeper", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin",
    }  # fmt: skip

    def cron() -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["/bin/sh", "-c", command],
            env=environment, cwd=home, stdin=subprocess.DEVNULL, capture_output=True,
            timeout=60, check=False,
        )  # fmt: skip

    fired = cron()
    log = (home / ".local/state/facetworks/keeper.log").read_text()
    assert (fired.returncode, fired.stdout, fired.stderr) == (0, b"", b""), log
    assert "1 fired" in log
    assert len(runs(home)) == 1
    assert alice.schedule.get_job(job).budget_wei == 4 * FIRE
    idle = cron()
    assert (idle.returncode, idle.stdout, idle.stderr) == (10, b"", b"")
    assert (home / ".local/state/facetworks/keeper.log").read_text() == log  # nothing to mail
    state = home / ".local/state/facetworks"
    for path in [p for p in state.rglob("*") if p.name != "keeper.log"]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here")
def test_the_shipped_units_are_valid(tmp_path: Path) -> None:
    for name in ("facetworks-keeper@.service", "facetworks-keeper@.timer"):
        text = (OPERATORS / name).read_text().replace("/opt/facetworks", str(ROOT))
        (tmp_path / name.replace("@", "@main")).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "facetworks-keeper@main.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    unit = (OPERATORS / "facetworks-keeper@.service").read_text()
    assert "SuccessExitStatus=10 75" in unit and "-m scripts.keeper --once" in unit


def test_the_page_lists_every_exit_code_and_setting() -> None:
    from harness.services.keeper.settings import KeeperSettings
    from harness.services.keeper.tick import Outcome

    page = (OPERATORS / "cron.md").read_text()
    for outcome in Outcome:
        assert f"| {outcome.value} |" in page
    for name in re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE):
        assert name in KeeperSettings.__dataclass_fields__, name


def test_what_a_run_said_is_kept_but_not_all_of_it(world: World, home: Path) -> None:
    alice = world.someone("alice")
    job = world.job(alice)
    slot = alice.schedule.get_job(job).next_run
    world.later()
    (home / "bin/run-job").write_text("#!/bin/sh\nhead -c 300000 /dev/zero | tr '\\0' x\n")
    assert tick(home)[0] == 0
    database = Database.open(home / ".local/state/facetworks/keeper/31337/keeper.db")
    run = SqlRunLedger(database, 31337, world.economy.diamond.address).find(job, slot)
    database.close()
    assert run is not None and run.state is RunState.RECORDED
    assert run.output == b"x" * OUTPUT_BYTES
    assert run.transaction is not None and world.chain.receipt(run.transaction) is not None
