"""What people do here, four of each: the messages whose gas the snapshot records.

Each function below brings an economy to where the operation makes sense and returns the calls. They
differ only in what must differ (a nonce, an id).
"""

from __future__ import annotations

from collections.abc import Callable

from tests.contracts.calls import Bound
from tests.contracts.community.signer import Signer
from tests.contracts.credits.codes import Codes
from tests.contracts.economy import ETHER, Economy
from tests.contracts.guild.hall import Hall
from tests.contracts.market.board import Board
from tests.contracts.market.calendar import HOUR, MINUTE, Calendar
from tests.contracts.payments.rail import FOREVER, Rail
from tests.contracts.payments.tab import USD, Tab, compact
from tests.contracts.signing import TRANSFER, Auth, Key, auth_digest, nonce, separator
from tests.gas.measure import Call

FOUR = range(4)
BATCH = 32
OPERATIONS: dict[str, Callable[[Economy], list[Call]]] = {}


def operation(facet: str) -> Callable[[Callable[[Economy], list[Call]]], object]:
    """Registers a function as `facet:function_name`."""

    def register(prepare: Callable[[Economy], list[Call]]) -> object:
        OPERATIONS[f"{facet}:{prepare.__name__}"] = prepare
        return prepare

    return register


def of(handle: Bound, sender: bytes, name: str, *arguments: object) -> Call:
    return Call(handle.address, handle.data(name, *arguments), sender)


# -- tokens ------------------------------------------------------------------------------------


@operation("FwCredits")
def transfer(economy: Economy) -> list[Call]:
    alice, stranger = economy.address("alice"), b"\x57" * 20
    return [of(economy.credits, alice, "transfer", stranger, ETHER) for _ in FOUR]


@operation("FwCredits")
def transfer_with_authorization(economy: Economy) -> list[Call]:
    return _authorized(economy, economy.credits, "Localharness", "1")


@operation("FwUSD")
def transfer_with_authorization_usd(economy: Economy) -> list[Call]:
    return _authorized(economy, economy.usd, "USD Coin", "2")


def _authorized(economy: Economy, token: Bound, name: str, version: str) -> list[Call]:
    alice = economy.keys["alice"]
    domain = token.call("DOMAIN_SEPARATOR")
    calls = []
    for n in FOUR:
        auth = Auth(alice.address, b"\x57" * 20, 1, 0, FOREVER, nonce(n))
        v, r, s = alice.sign_parts(auth_digest(domain, TRANSFER, auth))
        function = "transferWithAuthorization(address,address,uint256,uint256,uint256,bytes32,uint8,bytes32,bytes32)"
        calls.append(of(token, economy.address("carol"), function, *auth, v, r, s))
    return calls


# -- identity ----------------------------------------------------------------------------------


@operation("RegistryFacet")
def register(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.registry, alice, "register", f"agent-{n}") for n in FOUR]


@operation("ERC721Facet")
def transfer_name(economy: Economy) -> list[Call]:
    alice, stranger = economy.address("alice"), b"\x57" * 20
    ids = [economy.register("alice", f"agent-{n}") for n in range(5)][1:]
    return [of(economy.erc721, alice, "transferFrom", alice, stranger, id_) for id_ in ids]


@operation("TbaFacet")
def create_account(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    ids = [economy.register("alice", f"agent-{n}") for n in FOUR]
    return [of(economy.tba, alice, "createTokenBoundAccount", id_) for id_ in ids]


@operation("ReleaseFacet")
def release_name(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    ids = [economy.register("alice", f"agent-{n}") for n in range(5)][1:]
    return [of(economy.release, alice, "releaseName", id_) for id_ in ids]


# -- payments ----------------------------------------------------------------------------------


@operation("X402Facet")
def settle(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    auths = [rail.auth(n) for n in FOUR]
    return [of(rail.x402, rail.carol.address, "settle", *a, rail.sign(a)) for a in auths]


@operation("X402Facet")
def settle_random_nonce(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    auths = [rail.auth(n << 8) for n in FOUR]
    return [of(rail.x402, rail.carol.address, "settle", *a, rail.sign(a)) for a in auths]


@operation("X402Facet")
def settle_from_account(economy: Economy) -> list[Call]:
    """The payer is an ERC-6551 account; its holder signs (ERC-1271)."""
    rail = Rail(economy)
    id_ = rail.account()
    account = rail.deploy_account(id_)
    auths = [rail.auth(n, sender=account.address) for n in FOUR]
    return [of(rail.x402, rail.carol.address, "settle", *a, rail.sign(a)) for a in auths]


@operation("X402Facet")
def settle_upto(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    rail.x402.send("setFacilitator", rail.carol.address, True, sender=rail.bob.address)
    calls = []
    for auth in map(rail.auth, FOUR):
        arguments = (*auth[:3], auth.value // 2, *auth[3:], rail.sign(auth))
        calls.append(of(rail.x402, rail.carol.address, "settleUpto", *arguments))
    return calls


@operation("X402Facet")
def settle_batch_of_32(economy: Economy) -> list[Call]:
    rail = Rail(economy)
    calls = []
    for n in FOUR:
        auths = [rail.auth(n * BATCH + i) for i in range(BATCH)]
        signatures = [rail.sign(auth) for auth in auths]
        batch = ([tuple(auth) for auth in auths], signatures, True)
        calls.append(of(rail.x402, rail.carol.address, "settleBatch", *batch))
    return calls


@operation("X402Facet")
def settle_3009(economy: Economy) -> list[Call]:
    alice = economy.keys["alice"]
    domain = separator("USD Coin", "2", economy.evm.chain_id, economy.usd.address)
    calls = []
    for n in FOUR:
        auth = Auth(alice.address, b"\x57" * 20, 1, 0, FOREVER, nonce(n))
        parts = alice.sign_parts(auth_digest(domain, TRANSFER, auth))
        arguments = (economy.usd.address, *auth, *parts)
        calls.append(of(economy.x402, economy.address("carol"), "settle3009", *arguments))
    return calls


# -- the vault ---------------------------------------------------------------------------------


def _tab(economy: Economy) -> Tab:
    """Alice has a deposit; bob, who is paid, already has some of the token."""
    tab = Tab(economy)
    economy.usd.send("transfer", tab.bob, USD, sender=tab.carol)
    tab.deposit(1_000 * USD)
    return tab


def _receipts(tab: Tab) -> list[Call]:
    """Bob's reservation, and receipts for it."""
    tab.reserve(100 * USD)
    amounts = [(n + 1) * USD + 7 for n in FOUR]
    arguments = [(tab.alice, tab.bob, amount, tab.receipt(amount)) for amount in amounts]
    return [of(tab.vault, tab.carol, "redeem", *each) for each in arguments]


@operation("VaultFacet")
def deposit(economy: Economy) -> list[Call]:
    tab = Tab(economy)
    return [of(tab.vault, tab.alice, "deposit", 100 * USD, tab.key.address) for _ in FOUR]


@operation("VaultFacet")
def reserve(economy: Economy) -> list[Call]:
    """The first opens a cycle, the others add to it."""
    tab = _tab(economy)
    each = [tab.reservation(10 * USD, economy.now + 24 * HOUR, n) for n in FOUR]
    return [of(tab.vault, tab.carol, "reserve", *arguments) for arguments in each]


@operation("VaultFacet")
def reserve_next_cycle(economy: Economy) -> list[Call]:
    """For four operators whose earlier cycles are paid."""
    tab = _tab(economy)
    calls = []
    operators = [economy.address(name) for name in ("bob", "dave", "erin", "frank")]
    for operator in operators:
        tab.reserve(USD, operator=operator)
        tab.redeem(USD, operator=operator)
    for n, operator in enumerate(operators):
        arguments = tab.reservation(USD, economy.now + HOUR, 4 + n, operator=operator)
        calls.append(of(tab.vault, tab.carol, "reserve", *arguments))
    return calls


@operation("VaultFacet")
def redeem(economy: Economy) -> list[Call]:
    return _receipts(_tab(economy))


@operation("VaultFacet")
def redeem_with_fee(economy: Economy) -> list[Call]:
    tab = _tab(economy)
    tab.set_fee(500)
    return _receipts(tab)


@operation("VaultFacet")
def redeem_batch_of_32(economy: Economy) -> list[Call]:
    tab = _tab(economy)
    consumers = [Key.named(f"consumer {n}").address for n in range(BATCH)]
    for consumer in consumers:
        economy.usd.send("transfer", consumer, 10 * USD, sender=tab.carol)
        economy.usd.send("approve", economy.diamond, 10 * USD, sender=consumer)
        tab.deposit(10 * USD, consumer)
        tab.reserve(10 * USD, consumer=consumer)
    calls = []
    for n in FOUR:
        amount = (n + 1) * USD + 7
        parts = [compact(tab.receipt(amount, consumer=consumer)) for consumer in consumers]
        rs, vss = [r for r, _ in parts], [vs for _, vs in parts]
        batch = (tab.bob, consumers, [amount] * BATCH, rs, vss)
        calls.append(of(tab.vault, tab.carol, "redeemBatch", *batch))
    return calls


@operation("VaultFacet")
def withdraw(economy: Economy) -> list[Call]:
    tab = _tab(economy)
    tab.send("requestWithdraw")
    economy.later(2 * 24 * HOUR)
    return [of(tab.vault, tab.alice, "withdraw(uint256)", USD) for _ in FOUR]


# -- bounties ----------------------------------------------------------------------------------

TASK = b"Summarise the attached paper in three hundred words, with page numbers."
SHORT = b"Summarise the attached paper..."  # one storage word
assert len(SHORT) == 31


@operation("BountyFacet")
def post_bounty(economy: Economy) -> list[Call]:
    board = Board(economy)
    return [of(board.facet, board.poster, "postBounty", TASK, ETHER, 24 * HOUR) for _ in FOUR]


@operation("BountyFacet")
def post_bounty_short(economy: Economy) -> list[Call]:
    board = Board(economy)
    return [of(board.facet, board.poster, "postBounty", SHORT, ETHER, 24 * HOUR) for _ in FOUR]


@operation("BountyFacet")
def claim_bounty(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post(task=TASK) for _ in FOUR]
    return [of(board.facet, board.worker, "claimBounty", id_, board.identity) for id_ in ids]


@operation("BountyFacet")
def submit_result(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post(task=TASK) for _ in FOUR]
    for id_ in ids:
        board.claim(id_)
    return [of(board.facet, board.worker, "submitResult", id_, TASK) for id_ in ids]


@operation("BountyFacet")
def submit_result_short(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post(task=SHORT) for _ in FOUR]
    for id_ in ids:
        board.claim(id_)
    return [of(board.facet, board.worker, "submitResult", id_, SHORT) for id_ in ids]


@operation("BountyFacet")
def accept_result(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.submitted() for _ in FOUR]
    return [of(board.facet, board.poster, "acceptResult", id_) for id_ in ids]


@operation("BountyFacet")
def cancel_bounty(economy: Economy) -> list[Call]:
    board = Board(economy)
    ids = [board.post() for _ in FOUR]
    return [of(board.facet, board.poster, "cancelBounty", id_) for id_ in ids]


# -- schedule ----------------------------------------------------------------------------------


@operation("ScheduleFacet")
def schedule_job(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    arguments = (calendar.target, TASK, HOUR, ETHER, 100)
    return [of(calendar.facet, calendar.owner, "scheduleJob", *arguments) for _ in FOUR]


@operation("ScheduleFacet")
def schedule_job_short(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    arguments = (calendar.target, SHORT, HOUR, ETHER, 100)
    return [of(calendar.facet, calendar.owner, "scheduleJob", *arguments) for _ in FOUR]


@operation("ScheduleFacet")
def record_run(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    ids = [calendar.make() for _ in FOUR]
    economy.later(MINUTE)
    slots = [calendar.job(id_).next_run for id_ in ids]
    due = zip(ids, slots, strict=True)
    return [of(calendar.facet, calendar.scheduler, "recordRun", *job, 1) for job in due]


@operation("ScheduleFacet")
def cancel_job(economy: Economy) -> list[Call]:
    calendar = Calendar(economy)
    ids = [calendar.make() for _ in FOUR]
    return [of(calendar.facet, calendar.owner, "cancelJob", id_) for id_ in ids]


# -- reputation --------------------------------------------------------------------------------


@operation("ReputationFacet")
def attest(economy: Economy) -> list[Call]:
    subject = economy.register("alice", "worker")
    bob = economy.address("bob")
    return [of(economy.reputation, bob, "attest", subject, 5, nonce(n + 1)) for n in FOUR]


# -- guilds ------------------------------------------------------------------------------------


def _guests() -> list[bytes]:
    return [Key.named(f"guest {n}").address for n in FOUR]


@operation("GuildFacet")
def create_guild(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.guild, alice, "createGuild", f"guild-{n}") for n in FOUR]


@operation("GuildFacet")
def invite(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    return [of(hall.facet, hall.admin, "inviteToGuild", hall.id, who) for who in _guests()]


@operation("GuildFacet")
def invite_by_officer(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    return [of(hall.facet, hall.officer, "inviteToGuild", hall.id, who) for who in _guests()]


@operation("GuildFacet")
def accept_invite(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    for who in _guests():
        hall.send("inviteToGuild", hall.id, who, sender=hall.admin)
    return [of(hall.facet, who, "acceptGuildInvite", hall.id) for who in _guests()]


@operation("GuildFacet")
def fund_guild(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    return [of(hall.facet, hall.stranger, "fundGuild", hall.id, ETHER) for _ in FOUR]


@operation("GuildFacet")
def spend_treasury(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    hall.fund()
    arguments = (hall.id, hall.stranger, ETHER, b"rent for May")
    return [of(hall.facet, hall.admin, "spendTreasury", *arguments) for _ in FOUR]


@operation("VotingFacet")
def propose(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    hall.fund()
    arguments = (hall.id, hall.stranger, ETHER, b"rent for May", 24 * HOUR)
    return [of(hall.voting, hall.member, "propose", *arguments) for _ in FOUR]


@operation("VotingFacet")
def vote(economy: Economy) -> list[Call]:
    hall = Hall(economy)
    hall.fund()
    ids = [hall.propose() for _ in FOUR]
    return [of(hall.voting, hall.admin, "vote", id_, True) for id_ in ids]


@operation("VotingFacet")
def execute(economy: Economy) -> list[Call]:
    """One passed proposal at a time, in four guilds; the payee has been paid before."""
    hall = Hall(economy)
    ids = []
    for n in FOUR:
        guild = hall.found(f"guild-{n}")
        hall.fund(guild=guild)
        ids.append(hall.propose(guild=guild, sender=hall.admin))
        hall.vote(ids[-1], hall.admin)
    economy.later(24 * HOUR + 1)
    return [of(hall.voting, hall.stranger, "execute", id_) for id_ in ids]


# -- sessions ----------------------------------------------------------------------------------


@operation("SessionFacet")
def open_session(economy: Economy) -> list[Call]:
    """Four users: the first opening ever writes the treasury's word too."""
    names = ("alice", "bob", "carol", "dave")
    return [of(economy.session, economy.address(name), "openSession") for name in names]


@operation("SessionFacet")
def extend_session(economy: Economy) -> list[Call]:
    return [of(economy.session, economy.address("alice"), "extendSession") for _ in FOUR]


# -- devices -----------------------------------------------------------------------------------


@operation("DeviceRegistryFacet")
def link_device(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.devices, alice, "linkDevice", bytes([n + 1]) * 20) for n in FOUR]


@operation("DeviceRegistryFacet")
def unlink_device(economy: Economy) -> list[Call]:
    alice, devices = economy.address("alice"), [bytes([n + 1]) * 20 for n in range(5)]
    for device in devices:
        economy.devices.send("linkDevice", device, sender=alice)
    return [of(economy.devices, alice, "unlinkDevice", device) for device in devices[:4]]


# -- community ---------------------------------------------------------------------------------

SEALED = b"\xa5" * 200  # a small sealed envelope


@operation("SubscribeFacet")
def subscribe(economy: Economy) -> list[Call]:
    id_ = economy.register("alice", "alice")
    names = ("alice", "bob", "carol", "dave")
    return [of(economy.subscribe, economy.address(name), "subscribe", id_) for name in names]


@operation("PushFacet")
def set_push_sub(economy: Economy) -> list[Call]:
    return [of(economy.push, economy.address("alice"), "setPushSub", SEALED) for _ in FOUR]


@operation("MessageFacet")
def send_message(economy: Economy) -> list[Call]:
    id_, bob = economy.register("alice", "alice"), economy.address("bob")
    return [of(economy.message, bob, "sendMessage", id_, TASK.decode()) for _ in FOUR]


@operation("MessageFacet")
def send_message_paid(economy: Economy) -> list[Call]:
    id_, bob = economy.register("alice", "alice"), economy.address("bob")
    economy.message.send("setInboxFee", id_, ETHER, sender=economy.address("alice"))
    arguments = (id_, TASK.decode(), ETHER)
    return [of(economy.message, bob, "sendMessagePaid", *arguments) for _ in FOUR]


@operation("SessionRoomFacet")
def create_room(economy: Economy) -> list[Call]:
    return [of(economy.room, economy.address("alice"), "createRoom") for _ in FOUR]


@operation("SessionRoomFacet")
def append_op(economy: Economy) -> list[Call]:
    alice, bob = economy.address("alice"), economy.address("bob")
    room = economy.room.send("createRoom", sender=alice).value
    economy.room.send("roomAddMember", room, bob, sender=alice)
    return [of(economy.room, bob, "appendOp", room, SEALED) for _ in FOUR]


@operation("SignalingFacet")
def post_signal(economy: Economy) -> list[Call]:
    alice, bob = economy.address("alice"), economy.address("bob")
    return [of(economy.signaling, bob, "postSignal", alice, SEALED) for _ in FOUR]


@operation("SignalingFacet")
def announce(economy: Economy) -> list[Call]:
    """One peer: arriving, then prolonging three times."""
    signer, carol = Signer(economy), economy.address("carol")
    calls = [signer.announce("peer", time=economy.now + n) for n in FOUR]
    return [of(economy.signaling, carol, "announce", *arguments) for arguments in calls]


@operation("FeedbackFacet")
def submit_feedback(economy: Economy) -> list[Call]:
    bob = economy.address("bob")
    return [of(economy.feedback, bob, "submitFeedback", TASK.decode()) for _ in FOUR]


# -- codes -------------------------------------------------------------------------------------


@operation("InviteFacet")
def create_invite(economy: Economy) -> list[Call]:
    codes, bob = Codes(economy), economy.address("bob")
    party = codes.key("key").address
    hashes = [codes.hash(f"code {n}") for n in FOUR]
    return [of(economy.invite, bob, "createInviteEx", h, ETHER, HOUR, 2, party) for h in hashes]


@operation("InviteFacet")
def accept_invite_for(economy: Economy) -> list[Call]:
    codes, bob, names = Codes(economy), economy.address("bob"), [f"code {n}" for n in FOUR]
    for name in names:
        args = (codes.hash(name), ETHER, HOUR, 2, codes.key(name).address)
        economy.invite.send("createInviteEx", *args, sender=bob)
    carol = economy.address("carol")
    claims = [codes.invite_claim(name, b"\x57" * 20, FOREVER) for name in names]
    return [of(economy.invite, carol, "acceptInviteFor", *claim) for claim in claims]


@operation("RedeemFacet")
def redeem_code(economy: Economy) -> list[Call]:
    codes, names = Codes(economy), [f"code {n}" for n in FOUR]
    hashes = [codes.hash(name) for name in names]
    economy.redeem.send("addRedeemCodes", hashes, ETHER, sender=economy.owner.address)
    return [of(economy.redeem, economy.address("carol"), "redeem", name) for name in names]
