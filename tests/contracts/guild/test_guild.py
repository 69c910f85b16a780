"""Guilds, function by function: founding, members, money."""

from __future__ import annotations

import pytest

from harness.chain.evm import Evm
from tests.contracts.calls import Reverted, encode, reverts
from tests.contracts.economy import ETHER, TREASURY, ZERO, Economy, bare
from tests.contracts.guild.hall import (
    ADMIN,
    INVITE_TTL,
    MEMBER,
    NONE,
    OFFICER,
    Hall,
)
from tests.contracts.signing import Key, nonce

UNKNOWN = 999


def commitment(name: str, who: bytes, salt: bytes) -> bytes:
    from eth_utils.crypto import keccak

    return bytes(keccak(encode(["string", "address", "bytes32"], [name, who, salt])))


# -- founding ------------------------------------------------------------------------------------


def test_founding_registers_the_name_and_seats_the_founder(economy: Economy) -> None:
    dave = economy.address("dave")
    receipt = economy.guild.send("createGuild", "makers", sender=dave)
    id_ = receipt.value
    assert receipt.names() == ["Registered", "Transfer", "MainRegistered", "GuildCreated"]
    assert receipt.only("Registered") == {"id": id_, "owner": dave, "name": "makers"}
    assert receipt.only("Transfer") == {"from": ZERO, "to": dave, "tokenId": id_}
    assert receipt.only("GuildCreated") == {"guildId": id_, "founder": dave, "name": "makers"}
    facet = economy.guild
    assert facet.call("guildMembersOf", id_) == (dave,)
    assert facet.call("roleOf", id_, dave) == ADMIN
    assert facet.call("memberSeqOf", id_, dave) == 1
    assert facet.call("guildsOf", dave) == (id_,)
    assert facet.call("isGuild", id_) is True
    assert facet.call("isGuildMember", id_, dave) is True
    assert facet.call("guildCount") == 1
    assert facet.call("guildName", id_) == "makers"
    assert facet.call("guildAddress", id_) == economy.account_of(id_)
    assert facet.call("treasuryBalanceOf", id_) == 0
    assert economy.registry.call("ownerOfName", "makers") == dave
    assert economy.main.call("mainOf", dave) == id_


def test_a_guild_is_an_identity_but_not_every_identity_a_guild(economy: Economy) -> None:
    first = economy.register("alice", "person")
    second = economy.guild.send("createGuild", "guild", sender=economy.address("alice")).value
    assert second == first + 1
    assert economy.guild.call("isGuild", first) is False
    assert economy.guild.call("isGuild", second) is True
    assert economy.guild.call("guildCount") == 1


def test_founding_refusals_in_order(economy: Economy) -> None:
    alice, frank = economy.address("alice"), economy.address("frank")
    economy.register("alice", "taken")
    economy.registry.send("setNameCommitRequired", True, sender=economy.owner.address)
    with reverts("InvalidName"):
        economy.guild.send("createGuild", "Not-valid", sender=alice)
    with reverts("NameTaken"):
        economy.guild.send("createGuild", "taken", sender=alice)
    with reverts("CommitRequired"):
        economy.guild.send("createGuild", "makers", sender=alice)
    economy.registry.send("setNameCommitRequired", False, sender=economy.owner.address)
    economy.registry.send("setRegistrationCost", ETHER, sender=economy.owner.address)
    economy.credits.send("approve", economy.diamond, 0, sender=frank)
    with reverts("TokenCallFailed", economy.credits.address):
        economy.guild.send("createGuild", "makers", sender=frank)
    assert economy.guild.call("guildCount") == 0
    assert economy.registry.call("isTaken", "makers") is False


def test_founding_needs_accounts() -> None:
    economy = bare()
    with reverts("NotConfigured"):
        economy.guild.send("createGuild", "makers", sender=economy.address("alice"))


def test_founding_costs_what_registering_does(economy: Economy) -> None:
    economy.registry.send("setRegistrationCost", 3 * ETHER, sender=economy.owner.address)
    alice = economy.address("alice")
    before = economy.balance(alice)
    economy.guild.send("createGuild", "makers", sender=alice)
    assert before - economy.balance(alice) == 3 * ETHER == economy.held(TREASURY)


def test_founding_with_a_commitment(economy: Economy) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    economy.registry.send("setNameCommitRequired", True, sender=economy.owner.address)
    economy.registry.send("commitName", commitment("makers", alice, nonce(1)), sender=alice)
    with reverts("InvalidName"):
        economy.guild.send("createGuildCommitted", "", nonce(1), sender=alice)
    economy.later(59)
    with reverts("CommitRequired"):
        economy.guild.send("createGuildCommitted", "makers", nonce(1), sender=alice)
    economy.later(1)
    with reverts("CommitRequired"):  # nobody else's
        economy.guild.send("createGuildCommitted", "makers", nonce(1), sender=bob)
    receipt = economy.guild.send("createGuildCommitted", "makers", nonce(1), sender=alice)
    assert receipt.only("GuildCreated")["founder"] == alice
    with reverts("NameTaken"):
        economy.guild.send("createGuildCommitted", "makers", nonce(1), sender=alice)


# -- invites -------------------------------------------------------------------------------------


def test_an_invite_and_its_acceptance(hall: Hall) -> None:
    now = hall.economy.now
    receipt = hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    assert receipt.only("GuildInvited") == {
        "guildId": hall.id,
        "member": hall.stranger,
        "by": hall.officer,
        "role": MEMBER,
    }
    invite = hall.facet.call("inviteOf", hall.id, hall.stranger)
    assert invite == (MEMBER, now + INVITE_TTL, hall.officer)
    assert hall.role(hall.stranger) == NONE
    receipt = hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)
    assert receipt.only("GuildJoined") == {"guildId": hall.id, "member": hall.stranger}
    assert receipt.names() == ["GuildJoined"]
    assert hall.role(hall.stranger) == MEMBER
    assert hall.members() == (hall.admin, hall.officer, hall.member, hall.stranger)
    assert hall.facet.call("guildsOf", hall.stranger) == (hall.id,)
    assert hall.facet.call("memberSeqOf", hall.id, hall.stranger) == 4
    assert hall.facet.call("inviteOf", hall.id, hall.stranger) == (0, 0, ZERO)


def test_invite_refusals_in_order(hall: Hall) -> None:
    with reverts("UnknownGuild"):
        hall.send("inviteToGuild", UNKNOWN, ZERO, sender=hall.admin)
    for who in (hall.member, hall.stranger):
        with reverts("NotOfficer"):
            hall.send("inviteToGuild", hall.id, ZERO, sender=who)
    with reverts("ZeroAddress"):
        hall.send("inviteToGuild", hall.id, ZERO, sender=hall.officer)
    for who in (hall.admin, hall.officer, hall.member):
        with reverts("AlreadyMember"):
            hall.send("inviteToGuild", hall.id, who, sender=hall.officer)
    hall.policy(cap=0)
    own = hall.facet.call("guildAddress", hall.id)  # not deployed yet
    for who in (hall.officer, hall.admin):
        with reverts("SelfMembership"):
            hall.send("inviteToGuild", hall.id, own, sender=who)
    with reverts("InviteCapExceeded"):
        hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.admin)  # admins set the cap


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_an_invite_lasts_thirty_days(hall: Hall, late: int) -> None:
    hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    hall.economy.later(INVITE_TTL + late)
    if late > 0:
        assert hall.facet.call("inviteOf", hall.id, hall.stranger) == (0, 0, ZERO)
        for name, args, who in (
            ("acceptGuildInvite", (), hall.stranger),
            ("declineInvite", (), hall.stranger),
            ("revokeInvite", (hall.stranger,), hall.officer),
        ):
            with reverts("NotInvited"):
                hall.send(name, hall.id, *args, sender=who)
        hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)


def test_a_new_invite_replaces_the_last(hall: Hall) -> None:
    hall.send("setRole", hall.id, hall.stranger, ADMIN, sender=hall.admin)
    hall.economy.later(10)
    hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    expiry = hall.economy.now + INVITE_TTL
    assert hall.facet.call("inviteOf", hall.id, hall.stranger) == (MEMBER, expiry, hall.officer)
    hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)
    assert hall.role(hall.stranger) == MEMBER


def test_who_invited_is_known_while_they_stay(hall: Hall) -> None:
    hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
    hall.send("leaveGuild", hall.id, sender=hall.officer)
    assert hall.facet.call("inviteOf", hall.id, hall.stranger)[2] == ZERO
    hall.join(hall.economy.address("erin"))  # takes the officer's seat
    role, _, by = hall.facet.call("inviteOf", hall.id, hall.stranger)
    assert (role, by) == (MEMBER, ZERO)


def test_revoking_and_declining(hall: Hall) -> None:
    with reverts("UnknownGuild"):
        hall.send("revokeInvite", UNKNOWN, hall.stranger, sender=hall.officer)
    with reverts("NotOfficer"):
        hall.send("revokeInvite", hall.id, hall.stranger, sender=hall.member)
    with reverts("NotInvited"):
        hall.send("revokeInvite", hall.id, hall.stranger, sender=hall.officer)
    with reverts("NotInvited"):
        hall.send("declineInvite", hall.id, sender=hall.stranger)
    for name, args, who in (
        ("revokeInvite", (hall.stranger,), hall.officer),
        ("declineInvite", (), hall.stranger),
    ):
        hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.officer)
        receipt = hall.send(name, hall.id, *args, sender=who)
        expected = {"guildId": hall.id, "member": hall.stranger, "by": who}
        assert receipt.only("GuildInviteRevoked") == expected
        with reverts("NotInvited"):
            hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)


def test_acceptance_refusals_in_order(hall: Hall) -> None:
    with reverts("UnknownGuild"):
        hall.send("acceptGuildInvite", UNKNOWN, sender=hall.stranger)
    for who in (hall.stranger, hall.member):
        with reverts("NotInvited"):
            hall.send("acceptGuildInvite", hall.id, sender=who)
    hall.send("inviteToGuild", hall.id, hall.stranger, sender=hall.admin)
    hall.crowd(125)
    assert len(hall.members()) == 128
    with reverts("GuildFull"):
        hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)
    hall.send("leaveGuild", hall.id, sender=hall.member)
    hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)
    assert hall.members()[2] == hall.stranger  # on the seat given back


# -- leaving and roles ---------------------------------------------------------------------------


def test_leaving(hall: Hall) -> None:
    with reverts("UnknownGuild"):
        hall.send("leaveGuild", UNKNOWN, sender=hall.member)
    with reverts("NotMember"):
        hall.send("leaveGuild", hall.id, sender=hall.stranger)
    with reverts("LastAdmin"):
        hall.send("leaveGuild", hall.id, sender=hall.admin)
    receipt = hall.send("leaveGuild", hall.id, sender=hall.member)
    assert receipt.only("GuildLeft") == {"guildId": hall.id, "member": hall.member}
    assert hall.members() == (hall.admin, hall.officer)
    assert hall.facet.call("guildsOf", hall.member) == ()
    assert hall.facet.call("memberSeqOf", hall.id, hall.member) == 0
    with reverts("NotMember"):
        hall.send("leaveGuild", hall.id, sender=hall.member)


def test_the_founder_may_leave_to_another_admin(hall: Hall) -> None:
    hall.send("setRole", hall.id, hall.member, ADMIN, sender=hall.admin)
    hall.send("leaveGuild", hall.id, sender=hall.admin)
    assert hall.members() == (hall.officer, hall.member)
    hall.send("setRole", hall.id, hall.stranger, MEMBER, sender=hall.member)
    hall.send("acceptGuildInvite", hall.id, sender=hall.stranger)
    assert hall.members() == (hall.stranger, hall.officer, hall.member)  # the first seat again


def test_roles_change(hall: Hall) -> None:
    receipt = hall.send("setRole", hall.id, hall.member, OFFICER, sender=hall.admin)
    expected = {"guildId": hall.id, "member": hall.member, "role": OFFICER, "by": hall.admin}
    assert receipt.only("RoleSet") == expected
    assert hall.role(hall.member) == OFFICER
    receipt = hall.send("setRole", hall.id, hall.member, OFFICER, sender=hall.admin)
    assert receipt.events == []  # nothing to do
    receipt = hall.send("setRole", hall.id, hall.member, NONE, sender=hall.admin)
    assert receipt.only("RoleSet")["role"] == NONE
    assert hall.members() == (hall.admin, hall.officer)


def test_role_refusals_in_order(hall: Hall) -> None:
    with reverts("BadRole"):
        hall.send("setRole", UNKNOWN, hall.member, 4, sender=hall.stranger)
    with reverts("UnknownGuild"):
        hall.send("setRole", UNKNOWN, hall.member, MEMBER, sender=hall.stranger)
    for who in (hall.stranger, hall.member, hall.officer):
        with reverts("NotAdmin"):
            hall.send("setRole", hall.id, hall.member, OFFICER, sender=who)
    for role in (NONE, MEMBER, OFFICER):
        with reverts("LastAdmin"):
            hall.send("setRole", hall.id, hall.admin, role, sender=hall.admin)
    hall.send("setRole", hall.id, hall.admin, ADMIN, sender=hall.admin)
    with reverts("ZeroAddress"):
        hall.send("setRole", hall.id, ZERO, MEMBER, sender=hall.admin)
    with reverts("SelfMembership"):
        own = hall.facet.call("guildAddress", hall.id)
        hall.send("setRole", hall.id, own, MEMBER, sender=hall.admin)


def test_a_role_for_somebody_else_is_an_invite_to_it(hall: Hall) -> None:
    for role in (MEMBER, OFFICER, ADMIN):
        receipt = hall.send("setRole", hall.id, hall.stranger, role, sender=hall.admin)
        assert receipt.names() == ["GuildInvited"]
        assert receipt.only("GuildInvited")["role"] == role
        assert hall.role(hall.stranger) == NONE
    receipt = hall.send("setRole", hall.id, hall.stranger, NONE, sender=hall.admin)
    assert receipt.names() == ["GuildInviteRevoked"]
    receipt = hall.send("setRole", hall.id, hall.stranger, NONE, sender=hall.admin)
    assert receipt.events == []
    hall.join(hall.stranger, ADMIN)
    assert hall.role(hall.stranger) == ADMIN
    hall.send("leaveGuild", hall.id, sender=hall.admin)  # no longer the last


# -- lists ---------------------------------------------------------------------------------------


def test_members_come_in_pages_by_seat(hall: Hall) -> None:
    people = [hall.admin, hall.officer, hall.member, *hall.crowd(6)]
    hall.send("setRole", hall.id, people[4], NONE, sender=hall.admin)
    del people[4]
    seen: list[bytes] = []
    cursor = 0
    while True:
        page, after = hall.facet.call("guildMembersPage", hall.id, cursor, 3)
        if not page:
            break
        assert len(page) <= 3
        seen += page
        cursor = after
    assert seen == people
    assert hall.facet.call("guildMembersPage", hall.id, cursor, 3) == ((), 9)
    assert hall.facet.call("guildMembersPage", hall.id, 0, 0) == ((), 9)
    assert hall.facet.call("guildMembersPage", hall.id, 2**256 - 1, 9) == ((), 9)
    assert hall.facet.call("guildMembersPage", UNKNOWN, 0, 9) == ((), 0)
    # Fewer than there is room for, and the cursor still ends with the last place.
    assert hall.facet.call("guildMembersPage", hall.id, 1, 9) == (tuple(people[1:]), 9)
    everyone = hall.facet.call("guildMembersPage", hall.id, 0, 2**256 - 1)
    assert everyone == (tuple(people), 9)


def test_the_guilds_of_an_account(hall: Hall) -> None:
    dave = hall.stranger
    ids = [hall.found(f"guild-{n}", dave) for n in range(20)]
    assert hall.facet.call("guildsOf", dave) == tuple(ids)
    assert hall.facet.call("guildsPage", dave, 0, 7) == (tuple(ids[:7]), 7)
    assert hall.facet.call("guildsPage", dave, 14, 7) == (tuple(ids[14:]), 20)
    assert hall.facet.call("guildsPage", dave, 20, 7) == ((), 20)
    assert hall.facet.call("guildsPage", dave, 0, 0) == ((), 20)
    erin = hall.economy.address("erin")
    for place, id_ in ((3, ids[3]), (0, ids[0])):
        hall.send("setRole", id_, erin, ADMIN, sender=dave)
        hall.send("acceptGuildInvite", id_, sender=erin)
        hall.send("leaveGuild", id_, sender=dave)
        ids[place] = ids[-1]
        ids.pop()
        assert hall.facet.call("guildsOf", dave) == tuple(ids)


def test_unknown_guilds(hall: Hall) -> None:
    for name in ("guildAddress", "guildName", "guildPolicyOf", "pendingGuildPolicyOf"):
        with reverts("UnknownGuild"):
            hall.facet.call(name, UNKNOWN)
    assert hall.facet.call("guildMembersOf", UNKNOWN) == ()
    assert hall.facet.call("treasuryBalanceOf", UNKNOWN) == 0
    assert hall.facet.call("isGuild", UNKNOWN) is False


# -- money ---------------------------------------------------------------------------------------


def test_funding(hall: Hall) -> None:
    before = hall.economy.balance(hall.stranger)
    for n in (1, 2):
        receipt = hall.fund(3 * ETHER)
        expected = {"guildId": hall.id, "funder": hall.stranger, "amount": 3 * ETHER}
        assert receipt.only("GuildFunded") == expected
        assert hall.treasury() == n * 3 * ETHER == hall.held()
    assert before - hall.economy.balance(hall.stranger) == 6 * ETHER


def test_funding_refusals_in_order(hall: Hall) -> None:
    with reverts("ZeroAmount"):
        hall.send("fundGuild", UNKNOWN, 0, sender=hall.stranger)
    with reverts("UnknownGuild"):
        hall.send("fundGuild", UNKNOWN, 1, sender=hall.stranger)
    with reverts("CastOverflow"):
        hall.send("fundGuild", hall.id, 2**128, sender=hall.stranger)
    with reverts("TokenCallFailed"):
        hall.send("fundGuild", hall.id, 2**127, sender=hall.stranger)
    assert hall.treasury() == 0


def test_funding_needs_a_token() -> None:
    economy = Economy(Evm(), configured=False)
    owner, alice = economy.owner.address, economy.address("alice")
    economy.tba.send(
        "setTbaConfig", economy.registry6551.address, economy.account_impl, sender=owner
    )
    id_ = economy.guild.send("createGuild", "makers", sender=alice).value
    with reverts("NotConfigured"):
        economy.guild.send("fundGuild", id_, 1, sender=alice)


def test_spending(hall: Hall) -> None:
    hall.fund(10 * ETHER)
    before = hall.economy.balance(hall.member)
    for who in (hall.admin, hall.officer):
        args = (hall.id, hall.member, 4 * ETHER, b"wages")
        receipt = hall.send("spendTreasury", *args, sender=who)
        assert receipt.only("TreasurySpent") == {
            "guildId": hall.id,
            "to": hall.member,
            "amount": 4 * ETHER,
            "memo": b"wages",
        }
    assert hall.economy.balance(hall.member) - before == 8 * ETHER
    assert hall.treasury() == 2 * ETHER == hall.held()


def test_spending_refusals_in_order(hall: Hall) -> None:
    hall.fund(ETHER)
    long = b"x" * 4_097
    with reverts("UnknownGuild"):
        hall.send("spendTreasury", UNKNOWN, ZERO, 0, long, sender=hall.admin)
    for who in (hall.member, hall.stranger):
        with reverts("NotOfficer"):
            hall.send("spendTreasury", hall.id, ZERO, 0, long, sender=who)
    with reverts("MemoTooLarge"):
        hall.send("spendTreasury", hall.id, ZERO, 0, long, sender=hall.officer)
    with reverts("ZeroAmount"):
        hall.send("spendTreasury", hall.id, ZERO, 0, long[1:], sender=hall.officer)
    with reverts("ZeroRecipient"):
        hall.send("spendTreasury", hall.id, ZERO, 2 * ETHER, b"", sender=hall.officer)
    hall.policy(limit=1)
    with reverts("InsufficientTreasury"):
        hall.send("spendTreasury", hall.id, hall.member, ETHER + 1, b"", sender=hall.officer)
    with reverts("OfficerLimitExceeded"):
        hall.send("spendTreasury", hall.id, hall.member, 2, b"", sender=hall.officer)
    with reverts("TokenCallFailed"):
        hall.send("spendTreasury", hall.id, hall.economy.diamond, 1, b"", sender=hall.admin)
    hall.send("spendTreasury", hall.id, hall.member, ETHER, long[1:], sender=hall.admin)


def test_a_departed_officer_spends_nothing(hall: Hall) -> None:
    hall.fund(ETHER)
    hall.send("leaveGuild", hall.id, sender=hall.officer)
    with reverts("NotOfficer"):
        hall.send("spendTreasury", hall.id, hall.officer, 1, b"", sender=hall.officer)
    hall.join(hall.officer)
    with pytest.raises(Reverted):
        hall.send("spendTreasury", hall.id, hall.officer, 1, b"", sender=hall.officer)


def test_seats_are_taken_again_last_first(hall: Hall) -> None:
    people = [hall.admin, hall.officer, hall.member, *hall.crowd(3)]
    for index in (1, 4, 3):
        hall.send("setRole", hall.id, people[index], NONE, sender=hall.admin)
    newcomers = [Key.named(f"newcomer {n}").address for n in range(4)]
    for who in newcomers:
        hall.join(who)
    assert hall.members() == (
        people[0], newcomers[2], people[2], newcomers[0], newcomers[1], people[5], newcomers[3],
    )  # fmt: skip
