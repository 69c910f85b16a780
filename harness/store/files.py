"""Files that only their owner may read, replaced in one step, and the lock of a state directory."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import ConfigError, StateLocked


def state_root() -> Path:
    """Where programs keep their state unless told otherwise: $FACETWORKS_STATE, else ~/.facetworks."""
    return Path(os.environ.get("FACETWORKS_STATE") or Path.home() / ".facetworks")


def private_directory(path: Path) -> Path:
    """Make a 0700 directory (and its parents); ConfigError when that is not possible, and when others can enter
    an existing one."""
    try:
        for missing in reversed([p for p in (path, *path.parents) if not p.exists()]):
            missing.mkdir(mode=0o700, exist_ok=True)
        found = path.stat()
    except OSError as reason:
        raise ConfigError(f"cannot make {path}: {reason.strerror}") from None
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{path} is a file, and a folder is needed; name another place")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise ConfigError(f"{path} can be entered by others (mode {mode:o}); run: chmod 700 {path}")
    return path


def private_file(path: Path) -> Path:
    """Make an empty 0600 file unless it is there; ConfigError when others can read it."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise ConfigError(
                f"{path} can be read by others (mode {mode:o}); run: chmod 600 {path}"
            ) from None
    return path


def write_atomically(path: Path, text: str, mode: int = 0o600) -> None:
    """Replace a file so that a reader, or a crash, sees the old text or the new one, nothing else."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(partial, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, mode)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def lock_holder(path: Path) -> int | None:
    """The process that holds a lock file, or None. The lock tells: the number in the file may be left over."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except BlockingIOError:
        text = os.read(descriptor, 32).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(descriptor)


class ProcessLock:
    """One process per state directory, for as long as the process lives (flock, so a crash frees it)."""

    def __init__(self, directory: Path) -> None:
        self._path = private_directory(directory) / "lock"
        self._descriptor: int | None = None

    def acquire(self) -> Self:
        """Take it or raise StateLocked with the holder's process id."""
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(descriptor)
            raise StateLocked(
                f"{self._path.parent} is in use by process {holder}; "
                "stop it or choose another state directory"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor
        return self

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        return self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
