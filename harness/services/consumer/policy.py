"""What a wallet may be spent on, as rules: by model, operator, tool, hour and day.

Of the rules that match a request those that name something decide before those that name nothing, and
among equals deny before ask before allow. Where no rule matches the request is allowed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, tzinfo
from enum import IntEnum
from fnmatch import fnmatchcase

from harness.protocol.addresses import Address


class Action(IntEnum):
    """In the order in which they win."""

    DENY = 0
    ASK = 1
    ALLOW = 2


@dataclass(frozen=True)
class Hours:
    """From `start` to `end` in minutes of a day; over midnight when it ends before it starts."""

    start: int
    end: int

    def hold(self, minute: int) -> bool:
        if self.start <= self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end


@dataclass(frozen=True)
class Facts:
    """A request, at a time of the policy's zone. `operator` is None until one is chosen."""

    model: str
    tools: tuple[str, ...]
    at: datetime
    operator: Address | None = None


@dataclass(frozen=True)
class Rule:
    """Every criterion that is given must hold. `max_base` caps one request, in base units."""

    action: Action
    models: tuple[str, ...] = ()
    operators: tuple[Address, ...] = ()
    tools: tuple[str, ...] = ()
    hours: tuple[Hours, ...] = ()
    days: tuple[int, ...] = ()  # 0 is Monday
    max_base: int | None = None
    name: str = ""

    @property
    def specific(self) -> bool:
        named = [p for p in (*self.models, *self.tools) if p != "*"]
        return bool(named or self.operators or self.hours or self.days)

    def matches(self, facts: Facts) -> bool:
        minute = facts.at.hour * 60 + facts.at.minute
        return (
            (not self.models or named(facts.model, self.models))
            and (not self.operators or facts.operator in self.operators)
            and (not self.tools or self._offers(facts.tools))
            and (not self.hours or any(hours.hold(minute) for hours in self.hours))
            and (not self.days or facts.at.weekday() in self.days)
        )

    def _offers(self, tools: tuple[str, ...]) -> bool:
        """One tool is enough to deny; to allow, the rule must speak of all of them."""
        found = [named(tool, self.tools) for tool in tools]
        return all(found) and bool(found) if self.action is Action.ALLOW else any(found)


@dataclass(frozen=True)
class Decision:
    """`rule` is None where no rule matched. `cap` is in base units, None without one."""

    action: Action
    rule: Rule | None
    cap: int | None
    confidential: bool


@dataclass(frozen=True)
class Policy:
    """`max_base` and `budget_base` are for one request and for a run, in base units."""

    rules: tuple[Rule, ...] = ()
    quiet: tuple[Hours, ...] = ()
    confidential: tuple[str, ...] = ()
    zone: tzinfo = UTC
    max_base: int | None = None
    budget_base: int | None = None

    @property
    def operators(self) -> frozenset[Address]:
        """Those that a rule names."""
        return frozenset(operator for rule in self.rules for operator in rule.operators)

    def decide(self, facts: Facts) -> Decision:
        facts = replace(facts, at=facts.at.astimezone(self.zone))
        minute = facts.at.hour * 60 + facts.at.minute
        confidential = named(facts.model, self.confidential)
        if any(hours.hold(minute) for hours in self.quiet):
            quiet = Rule(Action.DENY, name="quiet hours")
            return Decision(Action.DENY, quiet, self.max_base, confidential)
        matching = [rule for rule in self.rules if rule.matches(facts)]
        first = min(matching, key=lambda rule: (not rule.specific, rule.action), default=None)
        action = Action.ALLOW if first is None else first.action
        caps = [rule.max_base for rule in matching if rule.max_base is not None]
        cap = min([*caps, *([] if self.max_base is None else [self.max_base])], default=None)
        return Decision(action, first, cap, confidential)


def named(name: str, patterns: Iterable[str]) -> bool:
    """Whether a pattern (`*`, `?`, `[…]`) is for this name; case does not count."""
    return any(fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
