"""What the policy says about one request: asked once when it is read, and again for each operator."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import Any

from harness.protocol.addresses import Address
from harness.services.consumer.policy import Action, Decision, Facts, Policy, Rule
from harness.services.consumer.refusals import Refusal


@dataclass(frozen=True)
class Permission:
    """`max_base` is the ceiling of one request without a policy, in base units; `approved`: a person said yes."""

    max_base: int
    policy: Policy | None = None
    facts: Facts | None = None
    approved: bool = False

    def check(self) -> bool:
        """Before anything is set aside; whether only enclaves may answer. Raises Refusal.

        A rule that names an operator may allow what the others deny, so none is chosen yet.
        """
        decision = self._decide()
        if self.policy is None or decision is None:
            return False
        others = [self._decide(operator) for operator in self.policy.operators]
        found = [decision, *(other for other in others if other is not None)]
        best = max(found, key=lambda each: each.action)
        if best.action is Action.DENY:
            raise Refusal("policy_denied", f"{_told(decision.rule)} denies this request.")
        if best.action is Action.ASK and not self.approved:
            raise Refusal("policy_asks", f"{_told(best.rule)} wants a person to decide.")
        return decision.confidential

    def permits(self, operator: Address, model: str, confidential: bool) -> bool:
        """Whether this operator may serve it with this model, which may be a longer name than was asked for."""
        decision = self._decide(operator, model)
        if decision is None:
            return True
        if decision.confidential and not confidential:
            return False
        return decision.action is Action.ALLOW or (decision.action is Action.ASK and self.approved)

    def cap(self, operator: Address | None = None, model: str | None = None) -> int:
        """The most that one request may cost, in base units."""
        decision = self._decide(operator, model)
        if decision is None or decision.cap is None:
            return self.max_base
        return min(self.max_base, decision.cap)

    def _decide(self, operator: Address | None = None, model: str | None = None) -> Decision | None:
        if self.policy is None or self.facts is None:
            return None
        facts = replace(self.facts, operator=operator, model=model or self.facts.model)
        return self.policy.decide(facts)


def approves(given: str | None, token: str | None) -> bool:
    """Whether X-Halo-Approve holds the token that only a person has."""
    if given is None or token is None:
        return False
    return hmac.compare_digest(given.strip().encode(), token.encode())


def offered_tools(body: dict[str, Any]) -> tuple[str, ...]:
    """Names of the tools that a request offers to the model."""
    tools, functions = body.get("tools"), body.get("functions")  # the second: as it was once called
    offered = [t.get("function") for t in _objects(tools)] + _objects(functions)
    names = [f.get("name") if isinstance(f, dict) else None for f in offered]
    return tuple(name if isinstance(name, str) else "" for name in names)


def _objects(value: Any) -> list[Any]:
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _told(rule: Rule | None) -> str:
    return f"The policy's {rule.name if rule is not None and rule.name else 'file'}"
