"""One test per attack on a guild: G-A1 to G-A11."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Reverted, reverts
from tests.contracts.economy import ETHER, TREASURY, Economy
from tests.contracts.guild.hall import (
    ADMIN,
    INVITE_TTL,
    MEMBER,
    NONE,
    OFFICER,
    Hall,
)
from tests.contracts.signing import Key

REENTER, FEE, FALSE = 6, 5, 2


class Trap(Hall):
    """The same guild in an economy whose $LH misbehaves when told to."""

    def __init__(self, economy: Economy) -> None:
        super().__init__(economy)
        owner = economy.owner.address
        self.token = economy.bound("HostileToken", economy.create("HostileToken"))
        economy.credits_facet.send("setCreditsToken", self.token.address, sender=owner)
        for key in economy.keys.values():
            self.token.send("mint", key.address, 1_000 * ETHER, sender=owner)
            self.token.send("approve", economy.diamond, 2**255, sender=key.address)

    def arm(self, payload: bytes) -> None:
        owner = self.economy.owner.address
        self.token.send("setReentry", self.economy.diamond, payload, sender=owner)
        self.token.send("setMode", REENTER, sender=owner)

    def kept(self) -> int:
        return self.economy.held(5, self.token.address)


@pytest.fixture
def trap(economy: Economy) -> Trap:
    return Trap(economy)


def test_g_a1_a_reentrant_token_spends_nothing_twice(trap: Trap) -> None:
    trap.fund(4 * ETHER)
    # The token itself is an admin, so that only the lock stands in its way.
    trap.send("setRole", trap.id, trap.token.address, ADMIN, sender=trap.admin)
    trap.arm(trap.facet.data("acceptGuildInvite", trap.id))
    trap.fund(ETHER)
    assert trap.role(trap.token.address) == ADMIN
    spend = (trap.id, trap.stranger, ETHER, b"")
    for payload in (
        trap.facet.data("spendTreasury", *spend),
        trap.facet.data("fundGuild", trap.id, 1),
        trap.facet.data("createGuild", "another"),
        trap.facet.data("createGuildCommitted", "another", b"\0" * 32),
    ):
        trap.arm(payload)
        before = trap.treasury()
        trap.send("spendTreasury", *spend, sender=trap.admin)
        _, ok, answer = trap.token.call("reentry")
        assert (ok, trap.facet.interface.error(answer)[0]) == (False, "Reentrancy")
        assert before - trap.treasury() == ETHER
        assert trap.kept() == trap.treasury()


def test_g_a2_officers_neither_promote_nor_evict(hall: Hall) -> None:
    for member, role in (
        (hall.officer, ADMIN), (hall.admin, NONE), (hall.admin, MEMBER), (hall.member, NONE),
        (hall.stranger, ADMIN),
    ):  # fmt: skip
        with reverts("NotAdmin"):
            hall.send("setRole", hall.id, member, role, sender=hall.officer)
    with reverts("NotAdmin"):
        hall.send("setGuildPolicy", hall.id, (False, 0, 0, 0, 255), sender=hall.officer)


def test_g_a3_a_sole_admin_stays(hall: Hall) -> None:
    for role in (NONE, MEMBER, OFFICER):
        with reverts("LastAdmin"):
            hall.send("setRole", hall.id, hall.admin, role, sender=hall.admin)
    with reverts("LastAdmin"):
        hall.send("leaveGuild", hall.id, sender=hall.admin)
    hall.send("setRole", hall.id, hall.officer, ADMIN, sender=hall.admin)
    hall.send("setRole", hall.id, hall.admin, MEMBER, sender=hall.officer)
    with reverts("LastAdmin"):
        hall.send("leaveGuild", hall.id, sender=hall.officer)


def test_g_a4_no_way_past_128_members(hall: Hall) -> None:
    waiting = [Key.named(f"waiting {n}").address for n in range(2)]
    hall.send("inviteToGuild", hall.id, waiting[0], sender=hall.admin)
    hall.crowd(125)
    hall.send("setRole", hall.id, waiting[1], ADMIN, sender=hall.admin)
    for who in waiting:
        with reverts("GuildFull"):
            hall.send("acceptGuildInvite", hall.id, sender=who)
    assert len(hall.members()) == 128


def test_g_a5_a_failed_pull_credits_nothing(trap: Trap) -> None:
    for mode, error in ((FALSE, "TokenCallFailed"), (FEE, "TokenDelta")):
        trap.token.send("setMode", mode, sender=trap.economy.owner.address)
        if mode == FEE:
            trap.token.send("setFee", 100, sender=trap.economy.owner.address)
        with reverts(error):
            trap.fund(ETHER)
        assert (trap.treasury(), trap.kept()) == (0, 0)


def test_g_a6_churn_keeps_the_lists_straight(hall: Hall) -> None:
    people = hall.crowd(7)
    other = hall.found("other")
    for who in people:
        hall.join(who, guild=other)
    for turn in range(3):
        for who in people[turn::2]:
            hall.send("leaveGuild", hall.id, sender=who)
        for who in reversed(people[turn::2]):
            hall.join(who)
    everyone = {hall.admin, hall.officer, hall.member, *people}
    assert len(hall.members()) == len(everyone)
    assert set(hall.members()) == everyone
    for who in people:
        assert sorted(hall.facet.call("guildsOf", who)) == [hall.id, other]
        hall.send("leaveGuild", other, sender=who)
        assert hall.facet.call("guildsOf", who) == (hall.id,)
    assert hall.members(other) == (hall.admin,)


def test_g_a7_a_guild_is_no_cheaper_way_to_a_name(hall: Hall) -> None:
    economy = hall.economy
    cost = 5 * ETHER
    economy.registry.send("setRegistrationCost", cost, sender=economy.owner.address)
    before = economy.balance(hall.stranger)
    hall.found("dear", hall.stranger)
    assert before - economy.balance(hall.stranger) == cost == economy.held(TREASURY)
    poor = Key.named("poor").address
    with pytest.raises(Reverted):
        hall.found("free", poor)
    assert economy.registry.call("isTaken", "free") is False
    # Nor a faster one, past a commitment somebody is about to reveal.
    economy.registry.send("setNameCommitRequired", True, sender=economy.owner.address)
    with reverts("CommitRequired"):
        hall.found("sniped", hall.stranger)


def test_g_a8_nobody_is_conscripted(hall: Hall) -> None:
    victim = hall.stranger
    for n in range(5):
        id_ = hall.found(f"trap-{n}")
        for role in (MEMBER, OFFICER, ADMIN):
            hall.send("setRole", id_, victim, role, sender=hall.admin)
        assert hall.role(victim, id_) == NONE
    assert hall.facet.call("guildsOf", victim) == ()
    for who in (hall.admin, hall.officer):  # accepting for somebody else is not a thing
        with reverts("NotInvited"):
            hall.send("acceptGuildInvite", hall.id, sender=who)


def test_g_a9_a_stale_invite_is_revoked_or_runs_out(hall: Hall) -> None:
    guests = [Key.named(f"guest {n}").address for n in range(2)]
    for who in guests:
        hall.send("inviteToGuild", hall.id, who, sender=hall.officer)
    hall.send("setRole", hall.id, hall.officer, MEMBER, sender=hall.admin)
    with reverts("NotOfficer"):
        hall.send("inviteToGuild", hall.id, guests[0], sender=hall.officer)
    hall.send("revokeInvite", hall.id, guests[0], sender=hall.admin)
    hall.economy.later(INVITE_TTL + 1)
    for who in guests:
        with reverts("NotInvited"):
            hall.send("acceptGuildInvite", hall.id, sender=who)


def test_g_a10_a_treasury_outlives_its_name(hall: Hall) -> None:
    """Names of guilds are not to be released; should one be burned all the same, the money is safe."""
    economy = hall.economy
    hall.fund(10 * ETHER)
    probe = economy.add_facet("GuildProbeFacet")
    assert probe.call("guildExists", hall.id) is True
    assert probe.call("guildTreasury", hall.id) == 10 * ETHER
    plain = economy.register("dave", "plain")
    assert (probe.call("guildExists", plain), probe.call("guildTreasury", plain)) == (False, 0)
    economy.add_facet("BurnFacet").send("burn", hall.id, sender=hall.stranger)
    again = economy.register("erin", "makers")
    assert hall.facet.call("isGuild", again) is False
    assert hall.facet.call("guildName", hall.id) == ""
    assert hall.treasury() == 10 * ETHER == hall.held()
    args = (hall.id, hall.stranger, 10 * ETHER, b"")
    hall.send("spendTreasury", *args, sender=hall.admin)
    with reverts("NotOfficer"):
        hall.send("spendTreasury", *args, sender=economy.address("erin"))


def test_g_a10_the_holder_of_the_name_has_no_claim(hall: Hall) -> None:
    hall.fund()
    transfer = (hall.admin, hall.stranger, hall.id)
    hall.economy.erc721.send("transferFrom", *transfer, sender=hall.admin)
    account = hall.account(hall.id)
    spend = hall.facet.data("spendTreasury", hall.id, hall.stranger, 1, b"")
    with pytest.raises(Reverted) as failure:
        hall.through(account, hall.stranger, spend)
    assert hall.facet.interface.error(failure.value.raw)[0] == "NotOfficer"
    assert hall.role(hall.admin) == ADMIN


def test_g_a11_a_guild_is_not_its_own_member(hall: Hall) -> None:
    for deployed in (False, True):
        account = hall.account(hall.id) if deployed else hall.facet.call("guildAddress", hall.id)
        with reverts("SelfMembership"):
            hall.send("inviteToGuild", hall.id, account, sender=hall.officer)
        with reverts("SelfMembership"):
            hall.send("setRole", hall.id, account, ADMIN, sender=hall.admin)
    # An address that only ends like it is welcome.
    twin = bytes(19) + account[-1:]
    hall.send("inviteToGuild", hall.id, twin, sender=hall.officer)
