"""Settings of a program, read once: flag, then environment, then file, then default.

A settings class is a frozen dataclass whose fields are annotated `Annotated[type, Parse(...)]`. Its
TOML table and its environment prefix hold the same names; an unknown name is an error with the nearest
known one. `origins` says where each value came from, for `--print-config`.
"""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from harness.errors import ConfigError

S = TypeVar("S")
LEVELS = ("debug", "info", "warning", "error", "critical")


@dataclass(frozen=True)
class Parse:
    """How a setting is read from text, by a function that raises ValueError. Secrets are not shown."""

    read: Callable[[str], Any] = str
    secret: bool = False
    variable: str = ""  # another environment name that is also read
    read_variable: Callable[[str], Any] | None = None  # where that one has another unit


def load(
    kind: type[S],
    *,
    name: str,
    flags: Mapping[str, Any] | None = None,
    environ: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> tuple[S, dict[str, str]]:
    """Settings of the program `name` and the origin of each; ConfigError names what is wrong."""
    environment = os.environ if environ is None else environ
    table = _table(file, name) if file is not None else {}
    parsers = _parsers(kind)
    for key in table:
        if key not in parsers:
            raise ConfigError(
                f"{file}: unknown setting {key!r} in [{name}]{_nearest(key, list(parsers))}"
            )
    prefix = f"FACETWORKS_{name.upper().replace('-', '_')}_"
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for entry in fields(kind):  # type: ignore[arg-type]
        parse, older = parsers[entry.name].read, parsers[entry.name].variable
        variables = (prefix + entry.name.upper(), older)
        given = (flags or {}).get(entry.name)
        if given is not None:
            values[entry.name], origins[entry.name] = given, "flag"
        elif (found := next((v for v in variables if v in environment), None)) is not None:
            read = (parsers[entry.name].read_variable or parse) if found == older else parse
            values[entry.name] = _parsed(read, environment[found], found)
            origins[entry.name] = found
        elif entry.name in table:
            source = f"{file}, {entry.name}"
            values[entry.name] = _parsed(parse, _as_text(table[entry.name]), source)
            origins[entry.name] = str(file)
        elif entry.default is MISSING and entry.default_factory is MISSING:
            flag = "--" + entry.name.replace("_", "-")
            raise ConfigError(f"{entry.name} is not set; give {flag} or {variables[0]}")
        else:
            origins[entry.name] = "default"
    return kind(**values), origins


def show(settings: Any, origins: Mapping[str, str]) -> list[str]:
    """One line per setting: name, value (secrets only by length), origin."""
    lines = []
    for name, parser in _parsers(type(settings)).items():
        value = getattr(settings, name)
        if parser.secret and value is not None:
            value = f"set, {len(str(value))} characters"
        lines.append(f"{name} = {value}    ({origins[name]})")
    return lines


def _parsers(kind: type[Any]) -> dict[str, Parse]:
    found = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        marks = [mark for mark in getattr(hint, "__metadata__", ()) if isinstance(mark, Parse)]
        found[name] = marks[0] if marks else Parse()
    return found


def positive(text: str) -> int:
    number = natural(text)
    if number == 0:
        raise ValueError("must be greater than zero")
    return number


def natural(text: str) -> int:
    if not text.isascii() or not text.isdigit():
        raise ValueError(f"not a whole number: {text!r}")
    return int(text)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < 1e9:
        raise ValueError(f"not a number of seconds: {text!r}")
    return value


def switch(text: str) -> bool:
    """On or off. Any other word is an error: taken for off, it would undo what somebody turned on."""
    word = text.lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    raise ValueError(f"say true or false, not {text!r}")


def level(text: str) -> str:
    """How much is logged."""
    word = text.lower()
    if word not in LEVELS:
        raise ValueError(f"say {', '.join(LEVELS[:-1])} or {LEVELS[-1]}, not {text!r}")
    return word


def listed(item: Callable[[str], Any] = str) -> Callable[[str], tuple[Any, ...]]:
    """A parser for comma-separated items."""

    def parse(text: str) -> tuple[Any, ...]:
        return tuple(item(part.strip()) for part in text.split(",") if part.strip())

    return parse


def _table(file: Path, name: str) -> Mapping[str, Any]:
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except OSError as reason:
        raise ConfigError(f"cannot read {file}: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as reason:
        raise ConfigError(f"{file} is not TOML: {reason}") from None
    if document and name not in document:  # its settings would be passed over, limits among them
        raise ConfigError(
            f"{file} has no table [{name}], only {', '.join(document)}{_nearest(name, list(document))}; "
            f"write [{name}] above the settings"
        )
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise ConfigError(f"{file}: [{name}] is not a table")
    return table


def _parsed(parse: Callable[[str], Any], text: str, source: str) -> Any:
    try:
        return parse(text)
    except ValueError as reason:
        raise ConfigError(f"{source}: {reason}") from None


def _as_text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(str(item) for item in value)
    return str(value)


def _nearest(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {close[0]!r}?" if close else ""
