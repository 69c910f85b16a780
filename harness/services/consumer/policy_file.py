"""The policy's file: read strictly, and again whenever it has changed.

What is misspelt is refused by name: a criterion that nobody reads would make its rule wider than meant.
"""

from __future__ import annotations

import logging
import re
import time
import tomllib
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from harness.errors import ConfigError
from harness.protocol.addresses import to_address
from harness.services.consumer.policy import Action, Hours, Policy, Rule

LOOK_SECONDS = 1.0
MAX_RULES = 1_000
TOP = ("max_usdc", "budget_usdc", "quiet_hours", "require_confidential", "time_zone", "rule")
RULE = ("action", "model", "operator", "tool", "hours", "days", "max_usdc", "name")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")

_log = logging.getLogger(__name__)


class PolicyFile:
    """The rules in force. A file that became unreadable or wrong changes nothing."""

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._clock = clock
        self._stamp = self._now()
        self._policy = read_policy(path)
        self._looked = clock()

    def current(self) -> Policy:
        if self._clock() - self._looked >= LOOK_SECONDS:
            self._looked = self._clock()
            stamp = self._now()
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
        return self._policy

    def _reload(self) -> None:
        try:
            self._policy = read_policy(self.path)
        except ConfigError as wrong:
            _log.error("the policy was not read anew; the rules from before stay: %s", wrong)
        else:
            _log.info("the policy was read anew", extra={"rules": len(self._policy.rules)})

    def _now(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def read_policy(path: Path) -> Policy:
    """Raises ConfigError, which names the place and the fix."""
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as reason:
        raise ConfigError(f"cannot read the policy {path}: {reason.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as reason:
        raise ConfigError(f"{path} is not TOML: {reason}") from None
    try:
        return _policy(document)
    except ConfigError as wrong:
        raise ConfigError(f"{path}: {wrong}") from None


def _policy(document: Mapping[str, Any]) -> Policy:
    _only(document, TOP, "the policy")
    rules = document.get("rule", [])
    if not isinstance(rules, list) or len(rules) > MAX_RULES:
        raise ConfigError(
            f"rule is a list of at most {MAX_RULES} tables; write [[rule]] above each"
        )
    name = document.get("time_zone", "UTC")
    try:
        zone = ZoneInfo(str(name))
    except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder of zones, such as Europe, too
        raise ConfigError(f"time_zone {name!r} is unknown; write one as Europe/Berlin") from None
    return Policy(
        tuple(_rule(rule, number) for number, rule in enumerate(rules, 1)),
        _hours(document, "quiet_hours", "the policy"),
        _texts(document, "require_confidential", "the policy"),
        zone,
        _usd(document, "max_usdc", "the policy"),
        _usd(document, "budget_usdc", "the policy"),
    )


def _rule(table: Any, number: int) -> Rule:
    where = f"rule {number}"
    if not isinstance(table, Mapping):
        raise ConfigError(f"{where} is not a table; write [[rule]] above it")
    _only(table, RULE, where)
    action = str(table.get("action", "")).upper()
    if action not in Action.__members__:
        raise ConfigError(f"{where}: action is allow, ask or deny")
    operators = []
    for text in _texts(table, "operator", where):
        try:
            operators.append(to_address(text))
        except ValueError as bad:
            raise ConfigError(f"{where}: operator {text!r}: {bad}") from None
    days = _texts(table, "days", where)
    if not set(days) <= set(DAYS):
        raise ConfigError(f"{where}: days are {', '.join(DAYS)}")
    return Rule(
        Action[action],
        _texts(table, "model", where),
        tuple(operators),
        _texts(table, "tool", where),
        _hours(table, "hours", where),
        tuple(DAYS.index(day) for day in days),
        _usd(table, "max_usdc", where),
        str(table.get("name", "")) or where,
    )


def _only(table: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = sorted(set(table) - set(known))
    if unknown:
        raise ConfigError(f"{where} has no {unknown[0]!r}; it knows {', '.join(known)}")


def _texts(table: Mapping[str, Any], name: str, where: str) -> tuple[str, ...]:
    """One text, or a list of them."""
    value = table.get(name, [])
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(v, str) and v for v in values):
        raise ConfigError(f"{where}: {name} is a text or a list of texts")
    if name in table and not values:
        raise ConfigError(f"{where}: {name} is empty; leave it out to match everything")
    return tuple(values)


def _hours(table: Mapping[str, Any], name: str, where: str) -> tuple[Hours, ...]:
    found = []
    for text in _texts(table, name, where):
        match = _HOURS.fullmatch(text)
        parts = [int(part) for part in match.groups()] if match else []
        if not parts or parts[2] * 60 + parts[3] > 24 * 60 or parts[:2] == parts[2:]:
            raise ConfigError(f"{where}: {name} are written as 22:00-06:00, not {text!r}")
        found.append(Hours(parts[0] * 60 + parts[1], parts[2] * 60 + parts[3]))
    return tuple(found)


def _usd(table: Mapping[str, Any], name: str, where: str) -> int | None:
    """An amount in USD, as base units."""
    if name not in table:
        return None
    value = table[name]
    try:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise ArithmeticError
        amount = Decimal(str(value)) * 1_000_000
        whole = amount.is_finite() and amount == amount.to_integral_value()
    except ArithmeticError:
        raise ConfigError(f"{where}: {name} is an amount in USD, as 0.05") from None
    if not whole or not 0 <= amount < 10**18:
        raise ConfigError(f"{where}: {name} is an amount in USD of at most six decimals")
    return int(amount)
