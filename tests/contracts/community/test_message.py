"""Messages to identities: sending, fees, blocks, the read pointer, and the attacks on them."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.economy import BUCKETS, ETHER, Economy, bare

OWNER_CALLS = (("markRead", 0), ("setInboxFee", 1), ("setBlocked", b"\x01" * 20, True))


class Desk:
    """Alice holds identity 1; bob writes."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet = economy, economy.message
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.carol = economy.address("carol")
        self.id = economy.register("alice", "alice")

    def send(self, name: str, *args: object, sender: bytes) -> Receipt:
        return self.facet.send(name, self.id, *args, sender=sender)

    def write(self, body: str = "hello", sender: bytes | None = None) -> Receipt:
        return self.send("sendMessage", body, sender=sender or self.bob)

    def pay(self, most: int, body: str = "hello", sender: bytes | None = None) -> Receipt:
        return self.send("sendMessagePaid", body, most, sender=sender or self.bob)

    def counts(self) -> tuple[int, int, int]:
        names = ("inboxCount", "inboxLastRead", "unreadCount")
        count, read, unread = (int(self.facet.call(name, self.id)) for name in names)
        return count, read, unread


@pytest.fixture
def desk(economy: Economy) -> Desk:
    return Desk(economy)


def test_sending(desk: Desk) -> None:
    now = desk.economy.now
    receipt = desk.write("hello")
    assert receipt.value == 0
    assert receipt.only("MessageSent") == {
        "toId": desk.id,
        "from": desk.bob,
        "index": 0,
        "feeWei": 0,
        "body": "hello",
    }
    desk.economy.later(9)
    assert desk.pay(0, "free as well", desk.alice).value == 1
    assert desk.facet.call("messageAt", desk.id, 0) == (desk.bob, now, "hello")
    assert desk.facet.call("messageAt", desk.id, 1) == (desk.alice, now + 9, "free as well")
    assert desk.counts() == (2, 0, 2)
    for index in (2, 2**256 - 1):
        with reverts("UnknownMessage"):
            desk.facet.call("messageAt", desk.id, index)


@pytest.mark.parametrize("paid", [False, True])
def test_refusals_in_order(desk: Desk, paid: bool) -> None:
    def send(id_: int, body: str) -> None:
        name, args = ("sendMessagePaid", (0,)) if paid else ("sendMessage", ())
        desk.facet.send(name, id_, body, *args, sender=desk.bob)

    desk.send("setBlocked", desk.bob, True, sender=desk.alice)
    desk.send("setInboxFee", 7, sender=desk.alice)
    with reverts("EmptyMessage"):
        send(0, "")
    with reverts("MessageTooLong", 1_025):
        send(0, "x" * 1_025)
    for unknown in (0, 2, 2**256 - 1):
        with reverts("UnknownTarget"):
            send(unknown, "x" * 1_024)
    with reverts("SenderBlocked"):
        send(desk.id, "x")
    desk.send("setBlocked", desk.bob, False, sender=desk.alice)
    with reverts("InboxFeeTooHigh" if paid else "FeeRequired", 7):
        send(desk.id, "x")
    desk.send("setInboxFee", 0, sender=desk.alice)
    send(desk.id, "x" * 1_024)
    assert desk.facet.call("messageAt", desk.id, 0)[2] == "x" * 1_024


def test_the_fee_goes_to_the_identitys_account(desk: Desk) -> None:
    economy, account = desk.economy, desk.economy.account_of(desk.id)
    receipt = desk.send("setInboxFee", ETHER, sender=desk.alice)
    assert receipt.only("InboxFeeSet") == {"toId": desk.id, "feeWei": ETHER}
    assert desk.send("setInboxFee", ETHER, sender=desk.alice).events == []
    assert desk.facet.call("inboxFee", desk.id) == ETHER
    before = economy.balance(desk.bob)
    receipt = desk.pay(ETHER)
    assert receipt.only("MessageSent")["feeWei"] == ETHER
    assert before - economy.balance(desk.bob) == ETHER == economy.balance(account)
    assert [economy.held(bucket) for bucket in BUCKETS] == [0] * 16  # no custody
    assert desk.pay(2 * ETHER).value == 1
    assert economy.balance(account) == 2 * ETHER  # the fee, not the most


def test_a_fee_that_cannot_be_paid_sends_nothing(desk: Desk) -> None:
    desk.send("setInboxFee", ETHER, sender=desk.alice)
    desk.economy.credits.send("approve", desk.economy.diamond, ETHER - 1, sender=desk.bob)
    with reverts("TokenCallFailed", desk.economy.credits.address):
        desk.pay(ETHER)
    assert desk.counts() == (0, 0, 0)


def test_a_fee_needs_a_token_and_accounts() -> None:
    desk_of = bare()
    alice, bob = desk_of.address("alice"), desk_of.address("bob")
    desk_of.registry.send("register", "alice", sender=alice)
    desk_of.message.send("sendMessage", 1, "free", sender=bob)
    desk_of.message.send("setInboxFee", 1, 5, sender=alice)
    with reverts("NotConfigured"):
        desk_of.message.send("sendMessagePaid", 1, "paid", 5, sender=bob)
    desk_of.credits_facet.send(
        "setCreditsToken", desk_of.credits.address, sender=desk_of.owner.address
    )
    with reverts("NotConfigured"):
        desk_of.message.send("sendMessagePaid", 1, "paid", 5, sender=bob)


def test_a_fee_raised_behind_the_senders_back_takes_nothing(desk: Desk) -> None:
    """An allowance to the diamond is no allowance to inbox owners: nobody pays more than named."""
    before = desk.economy.balance(desk.bob)
    desk.send("setInboxFee", 1_000 * ETHER, sender=desk.alice)
    with reverts("FeeRequired", 1_000 * ETHER):
        desk.write()
    with reverts("InboxFeeTooHigh", 1_000 * ETHER):
        desk.pay(1_000 * ETHER - 1)
    assert desk.economy.balance(desk.bob) == before


def test_blocking(desk: Desk) -> None:
    receipt = desk.send("setBlocked", desk.bob, True, sender=desk.alice)
    assert receipt.only("BlockSet") == {"toId": desk.id, "sender": desk.bob, "blocked": True}
    assert desk.send("setBlocked", desk.bob, True, sender=desk.alice).events == []
    assert desk.facet.call("isBlocked", desk.id, desk.bob)
    with reverts("SenderBlocked"):
        desk.write()
    desk.write(sender=desk.carol)
    other = desk.economy.register("alice", "other")
    desk.facet.send("sendMessage", other, "not blocked here", sender=desk.bob)
    desk.send("setBlocked", desk.bob, False, sender=desk.alice)
    desk.write()
    assert desk.facet.call("isBlocked", desk.id, desk.bob) is False


def test_the_read_pointer_moves_forward_only(desk: Desk) -> None:
    for _ in range(3):
        desk.write()
    for beyond in (4, 2**48, 2**256 - 1):
        with reverts("BadReadPointer"):
            desk.send("markRead", beyond, sender=desk.alice)
    receipt = desk.send("markRead", 2, sender=desk.alice)
    assert receipt.only("MessagesRead") == {"toId": desk.id, "upTo": 2}
    assert desk.counts() == (3, 2, 1)
    assert desk.send("markRead", 2, sender=desk.alice).events == []
    for back in (0, 1):
        with reverts("BadReadPointer"):
            desk.send("markRead", back, sender=desk.alice)
    desk.send("markRead", 3, sender=desk.alice)
    assert desk.counts() == (3, 3, 0)


def test_the_inbox_is_the_holders(desk: Desk) -> None:
    for name, *args in OWNER_CALLS:
        for stranger in (desk.bob, desk.economy.owner.address):
            with reverts("NotInboxOwner"):
                desk.send(name, *args, sender=stranger)
        for unknown in (0, 99):
            with reverts("NotInboxOwner"):
                desk.facet.send(name, unknown, *args, sender=desk.bob)


def test_the_inbox_passes_on_with_the_identity(desk: Desk) -> None:
    desk.write()
    desk.send("setInboxFee", 3, sender=desk.alice)
    desk.send("setBlocked", desk.bob, True, sender=desk.alice)
    desk.economy.erc721.send("transferFrom", desk.alice, desk.carol, desk.id, sender=desk.alice)
    for name, *args in OWNER_CALLS:
        with reverts("NotInboxOwner"):
            desk.send(name, *args, sender=desk.alice)
    assert (desk.counts(), desk.facet.call("inboxFee", desk.id)) == ((1, 0, 1), 3)
    assert desk.facet.call("isBlocked", desk.id, desk.bob)
    desk.send("setBlocked", desk.bob, False, sender=desk.carol)
    desk.send("setInboxFee", 0, sender=desk.carol)
    desk.send("markRead", 1, sender=desk.carol)
    desk.write()


def test_ranges_are_clamped_and_isolated(desk: Desk) -> None:
    other = desk.economy.register("alice", "other")
    for n in range(5):
        desk.write(f"message {n}")
    desk.facet.send("sendMessage", other, "elsewhere", sender=desk.carol)
    now = desk.economy.now
    bodies = tuple(f"message {n}" for n in range(5))
    assert desk.facet.call("inboxRange", desk.id, 1, 2) == (
        (desk.bob,) * 2, (now,) * 2, bodies[1:3],
    )  # fmt: skip
    assert desk.facet.call("inboxRange", desk.id, 0, 2**256 - 1)[2] == bodies
    for start, count in ((5, 9), (2**256 - 1, 2**256 - 1), (0, 0)):
        assert desk.facet.call("inboxRange", desk.id, start, count) == ((), (), ())
    assert desk.facet.call("inboxRange", other, 0, 9)[2] == ("elsewhere",)
    assert desk.facet.call("inboxRange", 99, 0, 9) == ((), (), ())


def test_a_token_cannot_send_again_while_it_is_asked_to_pay(desk: Desk) -> None:
    economy = desk.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    token.send("mint", desk.bob, 100, sender=desk.bob)
    token.send("approve", economy.diamond, 100, sender=desk.bob)
    desk.send("setInboxFee", 10, sender=desk.alice)
    again = desk.facet.data("sendMessagePaid", desk.id, "again", 10)
    token.send("setReentry", economy.diamond, again, sender=desk.bob)
    token.send("setMode", 6, sender=desk.bob)
    desk.pay(10)
    _, ok, answer = token.call("reentry")
    assert (ok, desk.facet.interface.error(answer)[0]) == (False, "Reentrancy")
    assert desk.counts() == (1, 0, 1)
    assert token.call("balanceOf", economy.account_of(desk.id)) == 10
