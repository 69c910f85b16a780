"""A collection of files, from a folder or from a git repository without a work tree."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path


class NoCollection(Exception):
    """There is nothing to read; the message says why."""


class Collection:
    """Texts by their path below the root, in order of path. Raises NoCollection."""

    def __init__(self, root: Path, revision: str = "HEAD") -> None:
        if not root.is_dir():
            raise NoCollection(f"no folder {root}")
        self.root = root
        self.revision = revision
        self.is_git = (root / "objects").is_dir() and (root / "HEAD").is_file()

    def texts(self, below: str, suffix: str) -> Iterator[tuple[str, str]]:
        """(path, text) of every file below a folder whose name ends so."""
        names = self._git_names(below) if self.is_git else self._names(below)
        chosen = sorted(name for name in names if name.endswith(suffix))
        if self.is_git:
            yield from self._git_texts(chosen)
        else:
            for name in chosen:
                yield name, (self.root / name).read_text(encoding="utf-8")

    def _names(self, below: str) -> list[str]:
        paths = (self.root / below).rglob("*")
        return [path.relative_to(self.root).as_posix() for path in paths if path.is_file()]

    def _git_names(self, below: str) -> list[str]:
        listed = self._git("ls-tree", "-r", "-z", "--name-only", self.revision, "--", below)
        return [name for name in listed.decode().split("\0") if name]

    def _git_texts(self, names: list[str]) -> Iterator[tuple[str, str]]:
        asked = "".join(f"{self.revision}:{name}\n" for name in names)
        answer = self._git("cat-file", "--batch", stdin=asked.encode())
        at = 0
        for name in names:
            end = answer.index(b"\n", at)
            header = answer[at:end].split()
            at = end + 1
            if header[-1] == b"missing":  # a partial clone may lack a blob
                continue
            size = int(header[2])
            yield name, answer[at : at + size].decode("utf-8", "surrogateescape")
            at += size + 1

    def _git(self, *arguments: str, stdin: bytes = b"") -> bytes:
        command = ["git", f"--git-dir={self.root}", *arguments]
        done = subprocess.run(command, input=stdin, capture_output=True, check=False)
        if done.returncode:
            raise NoCollection(done.stderr.decode(errors="replace").strip() or "git failed")
        return done.stdout
