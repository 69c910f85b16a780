"""Names given back by their holders, and burned by the owner until that is sealed."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.signing import nonce

BATCH = 200


class Office:
    """Alice holds identities 1 (her main one) and 2; bob holds 3 (his main one)."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet = economy, economy.release
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.owner = economy.owner.address
        for actor, name in (("alice", "first"), ("alice", "second"), ("bob", "third")):
            economy.register(actor, name)

    def send(self, name: str, *args: object, sender: bytes | None = None) -> Receipt:
        return self.facet.send(name, *args, sender=sender or self.owner)

    def holder(self, id_: int) -> bytes:
        return bytes(self.economy.registry.call("ownerOfId", id_))

    def alive(self, *ids: int) -> list[int]:
        return [id_ for id_ in ids if self.holder(id_) != ZERO]


@pytest.fixture
def office(economy: Economy) -> Office:
    return Office(economy)


def test_releasing_a_name_frees_it_rl_i1(office: Office) -> None:
    economy = office.economy
    economy.registry.send("setMetadata", 2, nonce(1), b"value", sender=office.alice)
    receipt = office.send("releaseName", 2, sender=office.alice)
    assert receipt.only("NameReleased") == {"id": 2, "name": "second", "owner": office.alice}
    assert receipt.only("Transfer") == {"from": office.alice, "to": ZERO, "tokenId": 2}
    assert receipt.names() == ["Transfer", "NameReleased"]
    assert (office.holder(2), economy.registry.call("nameOfId", 2)) == (ZERO, "")
    assert economy.registry.call("isTaken", "second") is False
    assert economy.registry.call("metadata", 2, nonce(1)) == b""
    assert economy.owned.call("tokensOfOwner", office.alice) == (1,)
    with reverts("NonexistentToken"):
        economy.erc721.call("ownerOf", 2)
    again = economy.register("bob", "second")
    assert again == 4  # never the old id
    assert economy.registry.call("metadata", again, nonce(1)) == b""


def test_releasing_refusals_in_order(office: Office) -> None:
    economy = office.economy
    for id_ in (0, 4, 2**256 - 1):
        with reverts("NotOwner"):
            office.send("releaseName", id_, sender=office.alice)
    economy.erc721.send("setApprovalForAll", office.bob, True, sender=office.alice)
    for id_ in (1, 2):  # an operator may transfer and not burn
        with reverts("NotOwner"):
            office.send("releaseName", id_, sender=office.bob)
    with reverts("NotOwner"):  # nor may the diamond owner, by this door
        office.send("releaseName", 2)
    with reverts("CannotReleaseMain"):
        office.send("releaseName", 1, sender=office.alice)
    economy.main.send("registerMain", 2, sender=office.alice)
    with reverts("CannotReleaseMain"):
        office.send("releaseName", 2, sender=office.alice)
    office.send("releaseName", 1, sender=office.alice)
    economy.main.send("clearMain", sender=office.alice)
    office.send("releaseName", 2, sender=office.alice)
    assert economy.owned.call("ownedCount", office.alice) == 0


def test_nothing_else_is_cleared_rl_i2(office: Office) -> None:
    """Registering and releasing leaves the diamond's storage as it was, but for the id counter, the
    payment and a place in the owner's list that the count does not reach."""
    economy = office.economy
    storage = dict(economy.evm.storage(economy.diamond))
    id_ = economy.register("alice", "a-name-that-is-longer-than-one-word-of-storage")
    during = dict(economy.evm.storage(economy.diamond))
    office.send("releaseName", id_, sender=office.alice)
    after = economy.evm.storage(economy.diamond)
    written = {slot for slot in during if during[slot] != storage.get(slot, 0)}
    touched = {
        slot for slot in {*storage, *during, *after} if after.get(slot, 0) != during.get(slot, 0)
    }
    assert touched <= written  # what is cleared is what was written
    left = {slot for slot in written if after.get(slot, 0) != storage.get(slot, 0)}
    assert len(left) <= 3  # the counter, the list's word, the last id its holder got


def test_a_released_identity_takes_part_in_nothing(office: Office) -> None:
    economy = office.economy
    bounty = economy.bounty.send("postBounty", b"", 5, 3_600, sender=office.bob).value
    economy.bounty.send("claimBounty", bounty, 2, sender=office.alice)
    economy.bounty.send("submitResult", bounty, b"", sender=office.alice)
    office.send("releaseName", 2, sender=office.alice)
    with reverts("TbaUnresolved"):
        economy.bounty.send("acceptResult", bounty, sender=office.bob)
    with reverts("UnknownTarget"):
        economy.message.send("sendMessage", 2, "hello", sender=office.bob)
    economy.later(3_601)
    economy.bounty.send("reclaimExpired", bounty, sender=office.alice)


def test_the_owner_burns_names(office: Office) -> None:
    receipt = office.send("adminBurnNames", [1, 3, 3, 0, 99])
    released = [event.args["id"] for event in receipt.events if event.name == "NameReleased"]
    assert released == [1, 3]  # main ones too; those not alive are passed over
    assert [e.args["account"] for e in receipt.events if e.name == "MainCleared"] == [
        office.alice,
        office.bob,
    ]
    assert office.alive(1, 2, 3) == [2]
    assert office.economy.main.call("mainOf", office.alice) == 0
    assert office.send("adminBurnNames", []).events == []
    with reverts("BatchTooLarge", BATCH):
        office.send("adminBurnNames", [2] * (BATCH + 1))
    assert office.alive(2) == [2]


def test_a_reset_goes_on_where_it_stopped(office: Office) -> None:
    economy = office.economy
    for n in range(3, 450):
        economy.register("carol", f"a-name-for-carol-longer-than-a-word-{n}")
    economy.release.send("adminBurnNames", [5, 205], sender=office.owner)
    first = office.send("adminResetAll")
    assert first.value is False
    assert first.only("ResetProgress") == {"fromId": 1, "toId": 200, "done": False}
    assert first.outcome.transaction_gas < 10_000_000
    assert (office.facet.call("resetCursor"), office.alive(1, 200, 201)) == (200, [201])
    economy.register("bob", "registered-meanwhile")  # 451
    assert office.send("adminResetAll").value is False
    last = office.send("adminResetAll")
    assert last.value is True
    assert last.only("ResetProgress") == {"fromId": 401, "toId": 451, "done": True}
    assert office.alive(*range(1, 452)) == []
    assert office.facet.call("resetCursor") == 0
    late = economy.register("alice", "first")
    rounds = [office.send("adminResetAll").value for _ in range(3)]  # from the start again
    assert (rounds, office.alive(late)) == ([False, False, True], [])


@pytest.mark.parametrize("count", [BATCH - 1, BATCH, BATCH + 1])
def test_a_reset_ends_with_the_last_id(office: Office, count: int) -> None:
    for n in range(3, count):
        office.economy.register("carol", f"name-{n}")
    assert office.send("adminResetAll").value is (count <= BATCH)
    if count > BATCH:
        receipt = office.send("adminResetAll")
        assert receipt.only("ResetProgress") == {"fromId": 201, "toId": 201, "done": True}
    assert office.alive(*range(1, count + 1)) == []


def test_there_may_be_nothing_to_reset(economy: Economy) -> None:
    receipt = economy.release.send("adminResetAll", sender=economy.owner.address)
    assert (receipt.value, receipt.events) == (True, [])


def test_sealing_is_for_good(office: Office) -> None:
    calls = {"adminBurnNames": ([1] * 201,), "adminResetAll": (), "sealAdmin": ()}
    assert office.facet.call("isAdminSealed") is False
    for name, args in calls.items():
        with reverts("NotOwner"):
            office.send(name, *args, sender=office.alice)
    office.send("sealAdmin").only("AdminBurnSealed")
    assert office.facet.call("isAdminSealed") is True
    for name, args in calls.items():
        with reverts("AdminSealed"):
            office.send(name, *args)
        with reverts("NotOwner"):
            office.send(name, *args, sender=office.alice)
    assert office.alive(1, 2, 3) == [1, 2, 3]
    office.send("releaseName", 2, sender=office.alice)  # holders may still


def test_g_a10_a_guild_keeps_its_name(office: Office) -> None:
    """Its holder cannot give it back; the owner's burning passes it over while it has money."""
    economy = office.economy
    guild = int(economy.guild.send("createGuild", "order", sender=office.alice).value)
    with reverts("CannotReleaseGuild"):
        office.send("releaseName", guild, sender=office.alice)
    economy.guild.send("fundGuild", guild, 5, sender=office.bob)
    office.send("adminBurnNames", [guild])
    office.send("adminResetAll")
    assert office.alive(1, 2, 3, guild) == [guild]
    economy.guild.send("spendTreasury", guild, office.bob, 5, b"", sender=office.alice)
    office.send("adminBurnNames", [guild])
    assert office.alive(guild) == []
