"""Private files, atomic replacement, the process lock and the database file."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import update

from harness.errors import ConfigError, StateLocked
from harness.store.database import Database
from harness.store.files import ProcessLock, private_directory, write_atomically
from harness.store.schema import TRANSACTIONS


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_state_is_for_its_owner_only(tmp_path: Path) -> None:
    database = Database.open(tmp_path / "a" / "b" / "journal.db")
    with database.write():
        pass
    assert mode(tmp_path / "a") == mode(tmp_path / "a" / "b") == 0o700
    for file in (tmp_path / "a" / "b").iterdir():
        assert mode(file) == 0o600, file
    database.close()


def test_open_directories_and_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir(mode=0o755)
    with pytest.raises(ConfigError, match="chmod 700"):
        private_directory(tmp_path / "open")
    (tmp_path / "open").chmod(0o700)
    leaky = tmp_path / "open" / "journal.db"
    leaky.touch(0o644)
    leaky.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        Database.open(leaky)


def test_a_place_where_no_folder_can_be_is_told_without_advice_that_harms(tmp_path: Path) -> None:
    file = tmp_path / "notes"
    file.touch(0o644)
    with pytest.raises(ConfigError, match="is a file, and a folder is needed") as caught:
        private_directory(file)
    assert "chmod" not in str(caught.value)
    with pytest.raises(ConfigError, match=r"cannot make .*Not a directory"):
        private_directory(file / "below")


def test_replacing_a_file_keeps_it_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "book.json"
    write_atomically(path, "one")
    write_atomically(path, "two")
    assert path.read_text() == "two" and mode(path) == 0o600
    assert [p.name for p in tmp_path.iterdir()] == ["book.json"]


def test_one_process_per_state_directory(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from harness.store.files import ProcessLock\n"
        "ProcessLock(Path(sys.argv[1])).acquire(); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "state")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdin and holder.stdout
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(StateLocked, match=f"process {holder.pid}") as caught:
        ProcessLock(tmp_path / "state").acquire()
    assert caught.value.exit_code == 75
    holder.kill()
    holder.wait()
    holder.stdin.close()
    holder.stdout.close()
    with ProcessLock(tmp_path / "state"):
        assert (tmp_path / "state" / "lock").read_text() == f"{os.getpid()}\n"


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "state" / "journal.db"
    database = Database.open(path)
    with database.write() as connection:
        connection.execute(update(TRANSACTIONS.versions).values(version=99))
    database.close()
    with pytest.raises(ConfigError, match="schema 99"):
        Database.open(path)


def test_an_unusable_url_says_so() -> None:
    with pytest.raises(ConfigError, match="cannot use the database"):
        Database.open("nosuchdatabase://somewhere/x")
