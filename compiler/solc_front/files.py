"""Files on the command line: what their sources are called, where imports may be read from, writing outputs."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from typing import Any

from compiler.solc_front.arguments import UsageError

STDIN = "<stdin>"


def split_inputs(arguments: Namespace) -> tuple[list[str], list[str]]:
    """(paths, remappings) among the inputs."""
    paths = [i for i in arguments.inputs if "=" not in i]
    remappings = [i for i in arguments.inputs if "=" in i]
    for remapping in remappings:
        if not remapping.partition("=")[0].rpartition(":")[2]:
            raise UsageError(f'Invalid remapping: "{remapping}".')
    return paths, remappings


def read_inputs(arguments: Namespace, paths: list[str]) -> dict[str, str]:
    """The sources by name: their paths as seen from the base path or an include path.

    Raises UsageError."""
    sources: dict[str, str] = {}
    for path in paths:
        if path == "-":
            sources[STDIN] = stdin_text()
            continue
        text = _text(path, arguments.ignore_missing)
        if text is not None:
            name = source_name(path, [arguments.base_path or ".", *arguments.include_path])
            if name in sources:
                raise UsageError(f"Source unit name collision detected: {name} is given twice.")
            sources[name] = text
    if not sources:
        raise UsageError(
            "All specified input files either do not exist or are not regular files."
            if paths
            else 'No input files given. If you wish to use the standard input please specify "-" explicitly.'
        )
    return sources


def stdin_text() -> str:
    """All of standard input, line ends as they are. Raises UsageError."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise UsageError("Standard input is not UTF-8 text.") from None


def _text(path: str, ignore_missing: bool) -> str | None:
    if os.path.isfile(path):
        try:
            with open(path, encoding="utf-8", newline="") as file:
                return file.read()
        except UnicodeDecodeError:
            raise UsageError(f'"{path}" is not UTF-8 text.') from None
    why = "is not a valid file" if os.path.exists(path) else "is not found"
    if not ignore_missing:
        raise UsageError(f'"{path}" {why}.')
    print(f'Info: "{path}" {why}. Skipping.', file=sys.stderr)
    return None


def source_name(path: str, folders: list[str]) -> str:
    """A file's name for imports and outputs: relative to the first folder it lies in, else absolute."""
    full = os.path.abspath(path)
    for folder in folders:
        root = os.path.abspath(folder).rstrip(os.sep) + os.sep
        if full.startswith(root):
            return full[len(root) :].replace(os.sep, "/")
    return full.replace(os.sep, "/")


def places(arguments: Namespace, paths: list[str], remappings: list[str]) -> dict[str, Any]:
    """The compile options that say where imports may be read from. Raises UsageError."""
    base = arguments.base_path or "."
    if not os.path.isdir(base):
        what = "is not a directory" if os.path.exists(base) else "does not exist"
        raise UsageError(f'Base path {what}: "{base}"')
    allowed = [entry for text in arguments.allow_paths for entry in text.split(",") if entry]
    roots = [base, *arguments.include_path, *allowed]
    roots += [os.path.dirname(os.path.abspath(path)) for path in paths if path != "-"]
    roots += [_folder(base, remapping.partition("=")[2]) for remapping in remappings]
    return {
        "base_path": base,
        "include_paths": tuple(os.path.abspath(folder) for folder in arguments.include_path),
        "allowed_roots": tuple(dict.fromkeys(roots)),
    }


def _folder(base: str, target: str) -> str:
    """Where a remapping leads to."""
    full = os.path.join(base, target)
    return full if os.path.isdir(full) else os.path.dirname(full)


def reader(options: dict[str, Any]) -> Any:
    """Reads the `urls` of standard JSON: plain paths and `file://`, under the folders that may be read."""
    from compiler.imports import SourceLoader
    from compiler.options import CompileOptions

    loader = SourceLoader({}, CompileOptions(**options))
    return lambda url: loader.load(url.removeprefix("file://"))


def write_output(folder: str, name: str, text: str, overwrite: bool) -> None:
    """One output file; raises UsageError where it exists already."""
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, name)
    if os.path.exists(path) and not overwrite:
        raise UsageError(
            f'Refusing to overwrite existing file "{path}" (use --overwrite to force).'
        )
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
