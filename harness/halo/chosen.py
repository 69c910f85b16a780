"""A setting with where it came from: flag, environment, policy file, configuration, default."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from harness.errors import ConfigError


@dataclass(frozen=True)
class Value:
    """`origin` is shown by --print-config; secrets are shown by their length."""

    value: Any
    origin: str
    secret: bool = False

    def shown(self) -> str:
        if self.secret and self.value is not None:
            return f"set, {len(str(self.value))} characters"
        if isinstance(self.value, (list, tuple)):
            return ", ".join(str(item) for item in self.value) or "any"
        return "none" if self.value is None else str(self.value)


class Chosen(dict[str, Value]):
    """Field name -> Value, filled in the order of the fields."""

    def take(self, name: str, *candidates: tuple[str, Any], secret: bool = False) -> Any:
        """The first candidate (origin, value) whose value is given; the last is the default."""
        origin, value = next(((o, v) for o, v in candidates[:-1] if v is not None), candidates[-1])
        self[name] = Value(value, origin, secret)
        return value

    def values_by_name(self) -> dict[str, Any]:
        return {name: entry.value for name, entry in self.items()}

    def lines(self) -> list[str]:
        """`name = value    (origin)`"""
        return [f"{name} = {entry.shown()}    ({entry.origin})" for name, entry in self.items()]

    def to_json(self) -> dict[str, dict[str, str]]:
        return {n: {"value": e.shown(), "origin": e.origin} for n, e in self.items()}


def number(environ: Mapping[str, str], name: str) -> int | None:
    """A whole number from the environment; None when unset, ConfigError when it is something else."""
    text = environ.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise ConfigError(f"{name} must be a whole number, it is {text!r}; correct or unset it")
    return int(text)


def switch(environ: Mapping[str, str], name: str) -> bool | None:
    """1 or 0 from the environment; None when unset, ConfigError when it is something else."""
    text = environ.get(name)
    if text is None:
        return None
    if text not in ("1", "0"):
        raise ConfigError(f"{name} must be 1 or 0, it is {text!r}; correct or unset it")
    return text == "1"


def base_units(usd: Decimal) -> int:
    """USD -> base units of the dollar token; ConfigError when it has more than six decimals."""
    amount = usd * 1_000_000
    if amount != int(amount):
        raise ConfigError(f"{usd} has more than six decimals")
    return int(amount)


def environment(environ: Mapping[str, str] | None) -> Mapping[str, str]:
    return os.environ if environ is None else environ
