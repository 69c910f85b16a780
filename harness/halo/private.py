"""Files that hold secrets: read only when nobody else can read them, made without replacing anything.

A symbolic link is refused even when its target is private: whoever can point the link elsewhere chooses
which key signs. FACETWORKS_ALLOW_OPEN_KEYS=1 lifts both checks, for file systems that have no modes.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from harness.chain.keys import ALLOW_OPEN_KEYS
from harness.errors import ConfigError
from harness.store.files import private_directory, write_atomically

__all__ = ["check_private", "create_private", "private_folder", "read_private", "write_atomically"]


def check_private(path: Path) -> None:
    """ConfigError when the file is missing, a link, or open to others; or when others may write its folder."""
    try:
        found = path.lstat()
        folder = path.parent.stat()
    except OSError as reason:
        raise ConfigError(f"cannot read {path}: {reason.strerror}") from None
    if os.environ.get(ALLOW_OPEN_KEYS) == "1":
        return
    if stat.S_ISLNK(found.st_mode):
        raise ConfigError(f"{path} is a symbolic link; put the file itself there")
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"{path} is not a file")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise ConfigError(f"{path} can be read by others (mode {mode:04o}); run: chmod 600 {path}")
    if stat.S_IMODE(folder.st_mode) & 0o022 and not folder.st_mode & stat.S_ISVTX:
        raise ConfigError(f"{path.parent} can be changed by others; run: chmod 700 {path.parent}")


def read_private(path: Path) -> str:
    """The text of a private file; ConfigError as `check_private`, or when it is not text."""
    check_private(path)
    try:
        return path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text; restore your backup of it") from None
    except OSError as reason:
        raise ConfigError(f"cannot read {path}: {reason.strerror}") from None


def create_private(path: Path, text: str) -> None:
    """Make a 0600 file, whole or not at all; ConfigError when something is there already."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.new")
    write_atomically(partial, text)
    try:
        os.link(partial, path)  # unlike rename, fails when the name is taken
    except FileExistsError:
        raise ConfigError(f"{path} exists already and was left as it is") from None
    finally:
        partial.unlink(missing_ok=True)


def private_folder(path: Path) -> Path:
    """The folder, made with mode 0700 when missing; ConfigError when others can enter it."""
    if os.environ.get(ALLOW_OPEN_KEYS) == "1" and path.is_dir():
        return path
    return private_directory(path)
