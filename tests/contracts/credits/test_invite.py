"""Invites, function by function."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Receipt, reverts
from tests.contracts.credits.codes import Codes
from tests.contracts.economy import ETHER, INVITE, ZERO, Economy, bare
from tests.contracts.signing import nonce

OPEN, ACCEPTED, RECLAIMED = range(3)
BEARER, RECIPIENT, CLAIM_KEY, COMMIT = range(4)
HOUR, DAY = 3_600, 86_400
CAP = 1_000_000 * ETHER
SALT = nonce(7)


class Post:
    """Bob funds; alice is invited; carol is a stranger."""

    def __init__(self, economy: Economy) -> None:
        self.economy, self.facet, self.codes = economy, economy.invite, Codes(economy)
        self.alice, self.bob = economy.address("alice"), economy.address("bob")
        self.carol = economy.address("carol")

    def send(self, name: str, *args: object, sender: bytes) -> Receipt:
        return self.facet.send(name, *args, sender=sender)

    def invite(
        self,
        code: str = "code",
        amount: int = ETHER,
        ttl: int = HOUR,
        mode: int = BEARER,
        party: bytes | None = None,
        funder: bytes | None = None,
    ) -> Receipt:
        """`party` is what the mode needs, for alice, unless given."""
        fitting = {RECIPIENT: self.alice, CLAIM_KEY: self.codes.key(code).address}
        party = fitting.get(mode, ZERO) if party is None else party
        args = (self.codes.hash(code), amount, ttl, mode, party)
        return self.send("createInviteEx", *args, sender=funder or self.bob)

    def accept(self, code: str = "code", sender: bytes | None = None) -> Receipt:
        return self.send("acceptInvite", code, sender=sender or self.alice)

    def commit(self, code: str = "code", sender: bytes | None = None) -> Receipt:
        who = sender or self.alice
        return self.send("commitInvite", self.codes.commitment(code, who, SALT), sender=who)

    def reveal(self, code: str = "code", sender: bytes | None = None) -> Receipt:
        return self.send("acceptInviteCommitted", code, SALT, sender=sender or self.alice)

    def claim(self, code: str = "code", *, sender: bytes | None = None) -> Receipt:
        args = self.codes.invite_claim(code, self.alice, self.economy.now)
        return self.send("acceptInviteFor", *args, sender=sender or self.carol)

    def reclaim(self, code: str = "code", sender: bytes | None = None) -> Receipt:
        return self.send("reclaimInvite", self.codes.hash(code), sender=sender or self.carol)

    def state(self, code: str = "code") -> tuple[bytes, int, int, int]:
        return tuple(self.facet.call("getInvite", self.codes.hash(code)))  # type: ignore[return-value]

    def status(self, code: str = "code") -> int:
        return self.state(code)[3]

    def escrow(self) -> int:
        return self.economy.held(INVITE)


@pytest.fixture
def post(economy: Economy) -> Post:
    return Post(economy)


def test_inviting_escrows_the_amount(post: Post) -> None:
    economy, code = post.economy, post.codes.hash("code")
    before, expiry = economy.balance(post.bob), economy.now + HOUR
    receipt = post.send("createInvite", code, 3 * ETHER, HOUR, sender=post.bob)
    assert receipt.names() == ["InviteCreated"]
    assert receipt.only("InviteCreated") == {
        "codeHash": code,
        "funder": post.bob,
        "amount": 3 * ETHER,
        "expiry": expiry,
    }
    assert post.state() == (post.bob, 3 * ETHER, expiry, OPEN)
    assert post.facet.call("inviteModeOf", code) == (BEARER, ZERO)
    assert before - economy.balance(post.bob) == 3 * ETHER == post.escrow()
    assert post.facet.call("escrowedOf", post.bob) == 3 * ETHER


@pytest.mark.parametrize("mode", [RECIPIENT, CLAIM_KEY, COMMIT])
def test_inviting_in_the_other_modes(post: Post, mode: int) -> None:
    receipt = post.invite(mode=mode)
    assert receipt.names() == ["InviteCreated", "InviteBound"]
    code = post.codes.hash("code")
    party = {RECIPIENT: post.alice, CLAIM_KEY: post.codes.key("code").address}.get(mode, ZERO)
    assert receipt.only("InviteBound") == {"codeHash": code, "mode": mode, "party": party}
    assert post.facet.call("inviteModeOf", code) == (mode, party)
    assert post.escrow() == ETHER


def test_inviting_refusals_in_order(post: Post) -> None:
    post.invite("taken")
    with reverts("CodeTaken"):
        post.invite("taken", 0, 0, 9)
    with reverts("ZeroAmount"):
        post.invite("new", 0, 0, 9)
    for ttl in (0, HOUR - 1, 90 * DAY + 1, 2**64 - 1):
        with reverts("BadTtl"):
            post.invite("new", CAP, ttl, 9)
    for amount in (CAP, 2**256 - 1):
        with reverts("EscrowCapExceeded"):
            post.invite("new", amount, HOUR, 9)
    for mode in (4, 255):
        with reverts("BadMode"):
            post.invite("new", 1, HOUR, mode)
    for mode in (RECIPIENT, CLAIM_KEY):
        with reverts("ZeroAddress"):
            post.invite("new", 1, HOUR, mode, ZERO)
    for mode in (BEARER, COMMIT):  # nobody shall believe it bound
        with reverts("BadMode"):
            post.invite("new", 1, HOUR, mode, post.alice)
    for n, ttl in enumerate((HOUR, 90 * DAY)):
        post.invite(f"new {n}", 1, ttl)


def test_inviting_needs_a_token() -> None:
    post = Post(bare())
    with reverts("NotConfigured"):
        post.invite()


def test_a_funder_has_a_million_in_open_invites(post: Post) -> None:
    post.economy.credits.send("mint", post.bob, ETHER, sender=post.economy.owner.address)
    post.invite("a", CAP - 1)
    with reverts("EscrowCapExceeded"):
        post.invite("b", 2)
    post.invite("b", 1)
    with reverts("EscrowCapExceeded"):
        post.invite("c", 1)
    post.invite("d", 1, funder=post.carol)  # everybody has their own
    assert post.facet.call("escrowedOf", post.bob) == CAP
    post.accept("b")
    assert post.facet.call("escrowedOf", post.bob) == CAP - 1
    post.invite("c", 1, funder=post.bob)


def test_a_failed_pull_leaves_no_ghost_iv_a5(post: Post) -> None:
    credits = post.economy.credits
    credits.send("approve", post.economy.diamond, ETHER - 1, sender=post.bob)
    with reverts("TokenCallFailed", credits.address):
        post.invite()
    with reverts("UnknownInvite"):
        post.state()
    assert (post.escrow(), post.facet.call("escrowedOf", post.bob)) == (0, 0)
    credits.send("approve", post.economy.diamond, ETHER, sender=post.bob)
    post.invite()


def test_nothing_is_known_about_unknown_invites(post: Post) -> None:
    code = post.codes.hash("code")
    for name in ("getInvite", "inviteModeOf"):
        with reverts("UnknownInvite"):
            post.facet.call(name, code)
    for act in (post.accept, post.claim, post.reveal, post.reclaim):
        with reverts("UnknownInvite"):
            act()
    assert post.facet.call("inviteCommitmentOf", code) == 0


def take(post: Post, mode: int) -> Receipt:
    """Alice accepts as the mode asks."""
    if mode == CLAIM_KEY:
        return post.claim()
    if mode != COMMIT:
        return post.accept()
    return post.reveal()


@pytest.mark.parametrize("mode", range(4))
def test_accepting_pays_the_invited(post: Post, mode: int) -> None:
    economy = post.economy
    supply, before = economy.credits.call("totalSupply"), economy.balance(post.alice)
    post.invite(mode=mode)
    post.commit()
    economy.evm.mine(1, 30)
    receipt = take(post, mode)
    assert receipt.value == ETHER
    assert receipt.only("InviteAccepted") == {
        "codeHash": post.codes.hash("code"),
        "accepter": post.alice,
        "funder": post.bob,
        "amount": ETHER,
    }
    assert economy.balance(post.alice) - before == ETHER
    assert (post.status(), post.escrow()) == (ACCEPTED, 0)
    assert post.facet.call("escrowedOf", post.bob) == 0
    assert economy.credits.call("totalSupply") == supply  # IV-I3
    assert mode != COMMIT or post.facet.call(
        "inviteCommitmentOf", post.codes.commitment("code", post.alice, SALT)
    ) == 0  # fmt: skip


@pytest.mark.parametrize("mode", range(4))
@pytest.mark.parametrize("late", [-1, 0, 1])
def test_until_expiry_and_after_it_iv_a2(post: Post, mode: int, late: int) -> None:
    post.invite(mode=mode)
    start = post.economy.now
    post.economy.evm.mine(1, HOUR - 60)
    post.commit()
    post.economy.evm.mine(1, 30)
    post.economy.evm.timestamp = start + HOUR + late
    if late <= 0:
        with reverts("NotYetExpired"):
            post.reclaim()
        take(post, mode)
    else:
        with reverts("Expired"):
            take(post, mode)
        before = post.economy.balance(post.bob)
        receipt = post.reclaim()
        assert receipt.only("InviteReclaimed") == {
            "codeHash": post.codes.hash("code"),
            "funder": post.bob,
            "amount": ETHER,
        }
        assert post.economy.balance(post.bob) - before == ETHER
        assert (post.status(), post.escrow()) == (RECLAIMED, 0)
        assert post.facet.call("escrowedOf", post.bob) == 0


def test_every_mode_has_its_own_door(post: Post) -> None:
    for mode in range(4):
        post.invite(str(mode), mode=mode)
    with reverts("NotRecipient"):
        post.accept("1", post.carol)
    with reverts("ClaimKeyRequired"):
        post.accept("2")
    with reverts("CommitRequired"):
        post.accept("3")
    for mode in (BEARER, RECIPIENT, COMMIT):
        with reverts("BadMode"):
            post.claim(str(mode))
    for mode in (BEARER, RECIPIENT, CLAIM_KEY):
        with reverts("BadMode"):
            post.reveal(str(mode))


@pytest.mark.parametrize(
    ("seconds", "blocks", "mature"),
    [(29, 1, False), (30, 1, True), (31, 1, True), (30, 0, False), (HOUR - 1, 5, True),
     (HOUR, 5, True), (HOUR + 1, 5, False)],
)  # fmt: skip
def test_commitments_ripen_and_rot(post: Post, seconds: int, blocks: int, mature: bool) -> None:
    post.invite(mode=COMMIT, ttl=DAY)
    receipt = post.commit()
    commitment = post.codes.commitment("code", post.alice, SALT)
    assert receipt.only("InviteCommitted") == {"commitment": commitment, "account": post.alice}
    assert post.facet.call("inviteCommitmentOf", commitment) == post.economy.now
    if blocks:
        post.economy.evm.mine(blocks, 0)
    post.economy.later(seconds)
    if seconds <= HOUR:
        with reverts("CommitPending"):
            post.commit()
    if mature:
        post.reveal()
    else:
        with reverts("CommitRequired"):
            post.reveal()
    if seconds > HOUR:
        post.commit()
        post.economy.evm.mine(1, 30)
        post.reveal()


@pytest.mark.parametrize(("late", "error"), [(-1, None), (0, None), (1, "AuthExpired")])
def test_a_claim_is_good_until_its_deadline(post: Post, late: int, error: str | None) -> None:
    post.invite(mode=CLAIM_KEY, ttl=DAY)
    args = post.codes.invite_claim("code", post.alice, post.economy.now + HOUR)
    post.economy.later(HOUR + late)
    if error is None:
        post.send("acceptInviteFor", *args, sender=post.carol)
    else:
        with reverts(error):
            post.send("acceptInviteFor", *args, sender=post.carol)
