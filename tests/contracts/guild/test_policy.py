"""A guild's policy: limits of officers at once, loosening after two days."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.economy import ETHER
from tests.contracts.guild.hall import DAY, LOOSEN_DELAY, WEEK, Hall, Policy
from tests.contracts.signing import Key

UNKNOWN = 999


def now_in_force(hall: Hall) -> Policy:
    return Policy(*hall.facet.call("guildPolicyOf", hall.id))


def pending(hall: Hall) -> tuple[int, int, int]:
    return tuple(hall.facet.call("pendingGuildPolicyOf", hall.id))  # type: ignore[return-value]


def spend(hall: Hall, amount: int, sender: bytes | None = None) -> None:
    who = sender or hall.officer
    hall.send("spendTreasury", hall.id, hall.stranger, amount, b"", sender=who)


def test_the_policy_of_a_new_guild(hall: Hall) -> None:
    assert now_in_force(hall) == Policy(gate=True, tenure=0, delay=0, limit=0, cap=32)
    assert pending(hall) == (0, 0, 0)


def test_setting_a_policy(hall: Hall) -> None:
    receipt = hall.policy(tenure=DAY, delay=2 * DAY, limit=5, cap=7)
    assert receipt.only("GuildPolicySet") == {
        "guildId": hall.id,
        "by": hall.admin,
        "policy": (True, DAY, 2 * DAY, 5, 7),
        "gateOffAt": 0,
        "limitFrom": 0,
    }
    assert now_in_force(hall) == Policy(True, DAY, 2 * DAY, 5, 7)


def test_policy_refusals_in_order(hall: Hall) -> None:
    bad = (True, 0, 0, 0, 256)
    with reverts("UnknownGuild"):
        hall.send("setGuildPolicy", UNKNOWN, bad, sender=hall.admin)
    for who in (hall.officer, hall.member, hall.stranger):
        with reverts("NotAdmin"):
            hall.send("setGuildPolicy", hall.id, bad, sender=who)
    for policy in (
        {"cap": 256}, {"cap": 2**16 - 1}, {"tenure": 365 * DAY + 1}, {"tenure": 2**64 - 1},
        {"delay": 14 * DAY + 1}, {"delay": 2**64 - 1},
    ):  # fmt: skip
        with reverts("BadPolicy"):
            hall.policy(**policy)
    hall.policy(cap=255, tenure=365 * DAY, delay=14 * DAY, limit=2**128 - 1)


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_the_gate_opens_after_two_days(hall: Hall, late: int) -> None:
    matures = hall.economy.now + LOOSEN_DELAY
    receipt = hall.policy(gate=False)
    assert receipt.only("GuildPolicySet")["gateOffAt"] == matures
    assert pending(hall) == (matures, 0, 0)
    hall.economy.later(LOOSEN_DELAY + late)
    assert now_in_force(hall).gate is (late < 0)
    assert pending(hall) == ((matures, 0, 0) if late < 0 else (0, 0, 0))


def test_asking_again_does_not_start_the_wait_again(hall: Hall) -> None:
    hall.policy(limit=5)
    first = hall.policy(gate=False, limit=9).only("GuildPolicySet")
    hall.economy.later(DAY)
    again = hall.policy(gate=False, limit=9, tenure=DAY).only("GuildPolicySet")
    assert (again["gateOffAt"], again["limitFrom"]) == (first["gateOffAt"], first["limitFrom"])
    assert pending(hall) == (first["gateOffAt"], 9, first["limitFrom"])
    other = hall.policy(gate=False, limit=10).only("GuildPolicySet")
    assert other["limitFrom"] == first["limitFrom"] + DAY
    hall.economy.later(DAY)
    assert now_in_force(hall) == Policy(False, 0, 0, 5, 32)
    hall.economy.later(DAY)
    assert now_in_force(hall).limit == 10


def test_anything_stricter_calls_the_loosening_off(hall: Hall) -> None:
    hall.policy(limit=5)
    hall.policy(gate=False, limit=0)
    hall.economy.later(DAY)
    hall.policy(gate=True, limit=4)
    assert pending(hall) == (0, 0, 0)
    hall.economy.later(10 * DAY)
    assert now_in_force(hall) == Policy(True, 0, 0, 4, 32)


def test_a_gate_that_is_open_closes_at_once(hall: Hall) -> None:
    hall.policy(gate=False)
    hall.economy.later(LOOSEN_DELAY)
    assert hall.policy(gate=False).only("GuildPolicySet")["gateOffAt"] == 0
    assert now_in_force(hall).gate is False
    hall.policy(gate=True)
    assert now_in_force(hall).gate is True


@pytest.mark.parametrize("wanted", [0, 6, 2**128 - 1])
def test_a_higher_limit_waits(hall: Hall, wanted: int) -> None:
    hall.fund()
    hall.policy(limit=5)  # lower than none: at once
    spend(hall, 5)
    receipt = hall.policy(limit=wanted)
    assert receipt.only("GuildPolicySet")["limitFrom"] == hall.economy.now + LOOSEN_DELAY
    hall.economy.later(LOOSEN_DELAY - 1)
    assert now_in_force(hall).limit == 5
    with reverts("OfficerLimitExceeded"):
        spend(hall, 6)
    hall.economy.later(1)
    assert now_in_force(hall).limit == wanted
    spend(hall, 6)


def test_a_limit_that_has_come_into_force_stays_while_a_higher_one_waits(hall: Hall) -> None:
    hall.fund()
    for limit in (5, 9, 20):
        hall.policy(limit=limit)
        hall.economy.later(LOOSEN_DELAY if limit == 9 else 0)
    assert now_in_force(hall).limit == 9
    assert pending(hall) == (0, 20, hall.economy.now + LOOSEN_DELAY)
    spend(hall, 9)
    hall.policy(limit=9)  # calls it off
    hall.economy.later(LOOSEN_DELAY)
    assert now_in_force(hall).limit == 9


def test_the_limit_is_per_officer_and_day(hall: Hall) -> None:
    hall.fund()
    second = hall.crowd(1)[0]
    hall.send("setRole", hall.id, second, 2, sender=hall.admin)
    hall.policy(limit=ETHER)
    hall.economy.evm.timestamp += DAY - hall.economy.now % DAY  # midnight UTC
    spend(hall, ETHER // 2)
    spend(hall, ETHER // 2)
    with reverts("OfficerLimitExceeded"):
        spend(hall, 1)
    spend(hall, ETHER, second)
    spend(hall, 2 * ETHER, hall.admin)  # admins have no limit
    hall.economy.later(DAY - 1)
    with reverts("OfficerLimitExceeded"):
        spend(hall, 1)
    hall.economy.later(1)
    with reverts("OfficerLimitExceeded"):
        spend(hall, ETHER + 1)
    spend(hall, ETHER)


def test_a_lowered_limit_counts_what_was_spent(hall: Hall) -> None:
    hall.fund()
    hall.policy(limit=10)
    spend(hall, 8)
    hall.policy(limit=5)
    with reverts("OfficerLimitExceeded"):
        spend(hall, 1)


def invite(hall: Hall, label: str, sender: bytes | None = None) -> None:
    who = Key.named(label).address
    hall.send("inviteToGuild", hall.id, who, sender=sender or hall.officer)


def test_an_officer_invites_as_often_as_allowed(hall: Hall) -> None:
    for n in range(32):
        invite(hall, f"guest {n}")
    with reverts("InviteCapExceeded"):
        invite(hall, "one more")
    invite(hall, "one more", hall.admin)
    hall.send("setRole", hall.id, hall.member, 2, sender=hall.admin)
    invite(hall, "another", hall.member)
    # Leaving and coming back starts nothing anew.
    hall.send("leaveGuild", hall.id, sender=hall.officer)
    hall.join(hall.officer, 2)
    with reverts("InviteCapExceeded"):
        invite(hall, "one more")


def test_no_seven_days_have_more_invites_than_the_cap(hall: Hall) -> None:
    hall.policy(cap=4)
    hall.economy.evm.timestamp += DAY - hall.economy.now % DAY
    hall.economy.later(DAY - 1)  # the last second of a day
    for n in range(4):
        invite(hall, f"late {n}")
    hall.economy.later(WEEK)
    with reverts("InviteCapExceeded"):
        invite(hall, "just inside the seventh day")
    hall.economy.later(1)
    for n in range(3):
        invite(hall, f"eighth {n}")
    hall.economy.later(WEEK - 1)
    invite(hall, "one left")
    with reverts("InviteCapExceeded"):
        invite(hall, "none left")
    hall.economy.later(100 * DAY)
    for n in range(4):
        invite(hall, f"months {n}")


def test_a_cap_of_255_is_counted_exactly(hall: Hall) -> None:
    hall.policy(cap=255)
    for n in range(255):
        invite(hall, f"many {n % 7}")
    with reverts("InviteCapExceeded"):
        invite(hall, "more")
