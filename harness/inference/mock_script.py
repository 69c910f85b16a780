"""Scripts for the mock model: what it says in its first answer, its second, and so on.

A script is a TOML file of turns; the last turn is repeated when a conversation goes on longer.

    [[turn]]
    text = "Let me look."
    calls = [{ name = "search", arguments = { query = "gas" } }]

    [[turn]]
    text = "It costs 21000."
    usage = { prompt = 10, completion = 5 }

    [[turn]]
    error = 429
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.errors import ConfigError


@dataclass(frozen=True)
class Turn:
    """One answer. Token counts of None are counted; `error` is an HTTP status, 0 for none."""

    text: str = ""
    calls: tuple[tuple[str, dict[str, Any]], ...] = ()
    prompt: int | None = None
    completion: int | None = None
    error: int = 0


@dataclass(frozen=True)
class Script:
    """Turns in their order; at least one."""

    turns: tuple[Turn, ...]

    def turn(self, number: int) -> Turn:
        """The turn after `number` answers."""
        return self.turns[min(number, len(self.turns) - 1)]


def parse_script(text: str, source: str = "script") -> Script:
    """TOML -> Script; ConfigError names what is wrong."""
    try:
        found = tomllib.loads(text).get("turn")
        turns = tuple(_turn(entry) for entry in found or ())
    except (tomllib.TOMLDecodeError, TypeError, ValueError, KeyError, AttributeError) as bad:
        raise ConfigError(f"{source}: not a script of [[turn]] tables: {bad}") from None
    if not turns:
        raise ConfigError(f"{source}: a script needs at least one [[turn]]")
    return Script(turns)


def load_scripts(folder: Path) -> Mapping[str, Script]:
    """Every `<name>.toml` of a folder by its name; ConfigError for a bad one."""
    return {
        file.stem: parse_script(file.read_text("utf-8"), str(file))
        for file in sorted(folder.glob("*.toml"))
    }


def _turn(entry: Mapping[str, Any]) -> Turn:
    unknown = set(entry) - {"text", "calls", "usage", "error"}
    if unknown:
        raise ValueError(f"unknown field {sorted(unknown)[0]!r}")
    usage = entry.get("usage", {})
    calls = tuple((str(c["name"]), dict(c.get("arguments", {}))) for c in entry.get("calls", ()))
    return Turn(
        text=str(entry.get("text", "")),
        calls=calls,
        prompt=usage.get("prompt"),
        completion=usage.get("completion"),
        error=int(entry.get("error", 0)),
    )
