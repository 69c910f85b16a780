"""The decision table of policy files, strict reading, reloading, and what a sidecar does with them."""

from __future__ import annotations

import itertools
import logging
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConfigError
from harness.services.consumer.permission import Permission, offered_tools
from harness.services.consumer.policy import Action, Facts, Policy, Rule
from harness.services.consumer.policy_file import PolicyFile, read_policy
from harness.services.consumer.refusals import Refusal

from .conftest import Start
from .scripted_market import Market
from .scripted_operator import ScriptedOperator

NOON = datetime(2026, 6, 3, 12, 0, tzinfo=UTC)  # a Wednesday
SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
PAGE = Path(__file__).resolve().parents[3] / "docs/halo/policy.md"


def written(folder: Path, text: str) -> Policy:
    path = folder / "policy.toml"
    path.write_text(text)
    return read_policy(path)


def rule(action: str, **more: Any) -> str:
    lines = [f'action = "{action}"', *(f"{k} = {v!r}".replace("'", '"') for k, v in more.items())]
    return "[[rule]]\n" + "\n".join(lines) + "\n"


def facts(
    model: str = "gpt-4o", *tools: str, at: datetime = NOON, operator: str | None = None
) -> Facts:
    return Facts(model, tools, at, operator)  # type: ignore[arg-type]


def test_specific_before_general_and_deny_before_ask_before_allow() -> None:
    """Every pair of rules, in both orders in the file."""
    rank = {
        (specific, action): (not specific, action)
        for specific in (True, False)
        for action in Action
    }
    for one, two in itertools.permutations(rank, 2):
        rules = tuple(Rule(action, ("gpt-*",) if named else ()) for named, action in (one, two))
        expected = min((one, two), key=rank.__getitem__)[1]
        assert Policy(rules).decide(facts()).action is expected
        elsewhere = [action for named, action in (one, two) if not named]
        assert Policy(rules).decide(facts("llama")).action is min(elsewhere, default=Action.ALLOW)


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("", facts(), "ALLOW"),
        (rule("deny"), facts(), "DENY"),
        (rule("deny", model="*"), facts(), "DENY"),
        (rule("deny", model="*") + rule("allow", model="GPT-*"), facts(), "ALLOW"),
        (rule("deny", model=["claude-*", "gpt-4?"]), facts(), "DENY"),
        (rule("deny", model="gpt"), facts(), "ALLOW"),
        (rule("ask", tool="send_*"), facts(), "ALLOW"),
        (rule("ask", tool="send_*"), facts("m", "read", "send_mail"), "ASK"),
        (rule("deny") + rule("allow", tool="read_*"), facts("m", "read_a", "send"), "DENY"),
        (rule("deny") + rule("allow", tool="read_*"), facts("m", "read_a", "read_b"), "ALLOW"),
        (rule("deny") + rule("allow", tool="*"), facts("m"), "DENY"),
        (rule("deny", hours="11:59-12:01"), facts(), "DENY"),
        (rule("deny", hours="12:01-11:59"), facts(), "ALLOW"),
        (rule("deny", hours="11:00-12:00"), facts(), "ALLOW"),
        (rule("deny", hours="12:00-24:00"), facts(), "DENY"),
        (rule("deny", days=["wed"]), facts(), "DENY"),
        (rule("deny", days=["tue", "thu"]), facts(), "ALLOW"),
        (rule("deny", model="gpt-*", days=["thu"]), facts(), "ALLOW"),
        (rule("deny", operator=SOMEBODY), facts(), "ALLOW"),  # nobody is chosen yet
        (rule("deny", operator=SOMEBODY.lower()), facts(operator=SOMEBODY), "DENY"),
        ('quiet_hours = "11:00-13:00"\n' + rule("allow", model="gpt-*"), facts(), "DENY"),
        ('quiet_hours = "12:30-11:30"', facts(), "ALLOW"),
        ('time_zone = "Asia/Tokyo"\n' + rule("deny", hours="20:59-21:01"), facts(), "DENY"),
    ],
)
def test_the_decision_table(tmp_path: Path, text: str, asked: Facts, expected: str) -> None:
    assert written(tmp_path, text).decide(asked).action.name == expected


def test_the_smallest_ceiling_of_all_that_match_counts(tmp_path: Path) -> None:
    text = "max_usdc = 0.05\n" + rule("allow", max_usdc=0.04) + rule("allow", model="gpt-*", max_usdc="0.01")  # fmt: skip
    policy = written(tmp_path, text)
    assert policy.decide(facts()).cap == 10_000 and policy.decide(facts("llama")).cap == 40_000
    assert Permission(5_000, policy, facts()).cap() == 5_000
    assert Permission(90_000, policy, facts()).cap() == 10_000
    assert Permission(90_000).cap() == 90_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("max_usd = 1", "no 'max_usd'; it knows max_usdc"),
        (rule("allow", modle="x"), "rule 1 has no 'modle'"),
        (rule("maybe"), "action is allow, ask or deny"),
        (rule("allow") + rule("deny", model=[]), "rule 2: model is empty"),
        (rule("deny", model=[1]), "model is a text or a list"),
        (rule("deny", operator="0x12"), "operator '0x12'"),
        (rule("deny", hours="9-17"), "written as 22:00-06:00"),
        (rule("deny", hours="09:00-24:30"), "written as"),
        (rule("deny", hours="09:00-09:00"), "written as"),
        (rule("deny", days=["Monday"]), "days are mon"),
        ("max_usdc = true", "amount in USD"),
        ("max_usdc = -1", "amount in USD"),
        ("max_usdc = 0.0000001", "six decimals"),
        ("max_usdc = inf", "amount in USD"),
        ('time_zone = "Moon/Sea"', "is unknown"),
        ('time_zone = "Europe"', "is unknown"),
        ("rule = 3", "write [[rule]]"),
        ("max_usdc", "is not TOML"),
    ],
)
def test_a_misspelt_policy_is_refused_by_name(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(words)):
        written(tmp_path, text)
    with pytest.raises(ConfigError, match="cannot read the policy"):
        read_policy(tmp_path / "none.toml")


def test_a_change_is_read_and_a_broken_one_is_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, now = tmp_path / "policy.toml", 0.0
    path.write_text(rule("allow"))
    watched = PolicyFile(path, lambda: now)
    path.write_text(rule("deny") + "# longer\n")
    assert watched.current().decide(facts()).action is Action.ALLOW  # not looked at again yet
    now = 2.0
    assert watched.current().decide(facts()).action is Action.DENY
    path.write_text("rubbish")
    now = 4.0
    with caplog.at_level(logging.ERROR):
        assert watched.current().decide(facts()).action is Action.DENY
    assert "rules from before stay" in caplog.text
    path.unlink()
    now = 6.0
    assert watched.current().decide(facts()).action is Action.DENY


def test_tools_are_seen_in_both_forms_and_nonsense_has_no_name() -> None:
    body = {
        "tools": [{"function": {"name": "a"}}, {"function": 1}, 3],
        "functions": [{"name": "b"}],
    }
    assert offered_tools(body) == ("a", "", "b") and offered_tools({"tools": 1}) == ()


def test_an_operators_own_name_for_a_model_counts_too() -> None:
    """`pt-5` finds `gpt-5` where nothing is called exactly so."""
    permission = Permission(1, Policy((Rule(Action.DENY, ("gpt-5*",)),)), facts("pt-5"))
    assert permission.check() is False
    assert permission.permits(SOMEBODY, "pt-4", False)  # type: ignore[arg-type]
    assert not permission.permits(SOMEBODY, "gpt-5-large", False)  # type: ignore[arg-type]
    enclosed = Permission(1, Policy(confidential=("med-*",)), facts("ed-1"))
    assert not enclosed.permits(SOMEBODY, "med-1", False)  # type: ignore[arg-type]
    assert enclosed.permits(SOMEBODY, "med-1", True)  # type: ignore[arg-type]


def test_nothing_but_one_operator_can_be_allowed() -> None:
    """Before an operator is chosen nobody knows yet that it will be this one."""
    only = Policy((Rule(Action.DENY), Rule(Action.ALLOW, operators=(SOMEBODY,))))  # type: ignore[arg-type]
    permission = Permission(1, only, facts())
    assert permission.check() is False
    assert permission.permits(SOMEBODY, "gpt-4o", False)  # type: ignore[arg-type]
    assert not permission.permits("0x" + "11" * 20, "gpt-4o", False)  # type: ignore[arg-type]
    asking = Policy((Rule(Action.DENY), Rule(Action.ASK, operators=(SOMEBODY,))))  # type: ignore[arg-type]
    with pytest.raises(Refusal) as asked:
        Permission(1, asking, facts()).check()
    assert asked.value.code == "policy_asks"
    assert Permission(1, asking, facts(), approved=True).check() is False
    with pytest.raises(Refusal) as denied:
        Permission(1, Policy((Rule(Action.DENY),)), facts()).check()
    assert denied.value.code == "policy_denied"


def test_the_page_s_file_is_right(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml title=\"policy.toml\"\n(.*?)```", PAGE.read_text(), re.S)
    policy = written(tmp_path, block)
    assert policy.decide(facts("claude-opus-4")).action is Action.DENY
    assert policy.decide(facts("m", "send_mail")).action is Action.ASK
    assert policy.decide(facts("med-1")).confidential and policy.budget_base == 5_000_000


# -- a sidecar -------------------------------------------------------------------------------------


def test_denied_requests_reach_nobody_and_a_person_may_approve(
    start: Start, market: Market, operator: ScriptedOperator, tmp_path: Path
) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(rule("ask", tool="send_*", name="mail") + rule("deny", model="gpt-*"))
    sidecar = start(policy=path, budget_token="only a person")
    assert sidecar.code(sidecar.chat(model="gpt-4o")) == "policy_denied"
    tools = [{"type": "function", "function": {"name": "send_mail", "parameters": {}}}]
    asked = sidecar.chat(tools=tools)
    assert sidecar.code(asked) == "policy_asks" and "The policy's mail" in asked.text
    wrong = sidecar.chat(tools=tools, headers={"X-Halo-Approve": "only a machine"})
    assert sidecar.code(wrong) == "policy_asks"
    assert market.seen == [] and sidecar.sidecar.journal.history() == []
    approved = sidecar.chat(tools=tools, headers={"X-Halo-Approve": "only a person"})
    assert approved.status_code == 200, approved.text
    assert all("x-halo-approve" not in headers for _, headers in market.seen)


def test_operators_that_a_rule_denies_are_passed_over(
    start: Start, market: Market, operator: ScriptedOperator, tmp_path: Path
) -> None:
    other = market.add()
    path = tmp_path / "rules.toml"
    path.write_text(rule("deny", operator=operator.address))
    sidecar = start(policy=path, budget_token="t")
    for _ in range(3):
        answer = sidecar.chat()
        assert answer.headers["x-halo-operator"] == other.address
    path.write_text(rule("deny", operator=[operator.address, other.address]))
    sidecar.sidecar._rules._looked = -1e9  # type: ignore[union-attr]
    assert sidecar.code(sidecar.chat()) == "policy_denied"
    path.write_text(rule("allow", operator=other.address, max_usdc=0.0001))
    sidecar.sidecar._rules._looked = -1e9  # type: ignore[union-attr]
    capped = sidecar.chat(headers={"X-Halo-Operator": other.address})
    assert sidecar.code(capped) == "over_cap" and capped.json()["error"]["maxBase"] == "100"
    assert sidecar.chat(headers={"X-Halo-Operator": operator.address}).status_code == 200
