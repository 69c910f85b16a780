"""The shared lock: closed during every value path, open again right after it."""

from __future__ import annotations

import pytest

from tests.contracts.calls import Bound, Interface
from tests.contracts.community.signer import Signer
from tests.contracts.credits.codes import Codes
from tests.contracts.credits.gate import Gate
from tests.contracts.economy import BOUNTY, ETHER, METER, SCHEDULE, Economy
from tests.contracts.payments.tab import Tab, compact
from tests.contracts.signing import PAYMENT, Auth, auth_digest, link_digest, nonce, wallet_digest
from tests.contracts.signing import separator as domain_separator

REENTER = 6
REENTRANCY = "Reentrancy"


class Trap:
    """An economy whose $LH calls back into the diamond during every transfer."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.token: Bound = economy.bound("HostileToken", economy.create("HostileToken"))
        owner = economy.owner.address
        economy.credits_facet.send("setCreditsToken", self.token.address, sender=owner)
        for key in economy.keys.values():
            self.token.send("mint", key.address, 1_000 * ETHER, sender=owner)
            self.token.send("approve", economy.diamond, 2**255, sender=key.address)

    def arm(self, payload: bytes) -> None:
        sender = self.economy.owner.address
        self.token.send("setReentry", self.economy.diamond, payload, sender=sender)
        self.token.send("setMode", REENTER, sender=sender)

    def outcome(self) -> tuple[int, bool, str]:
        count, ok, answer = self.token.call("reentry")
        errors = Interface(self.economy.artifacts["BountyFacet"].abi)
        return count, ok, errors.error(answer)[0]


def value_calls(economy: Economy) -> dict[str, bytes]:
    """One call of every guarded function; arguments do not matter, the lock comes first."""
    token, alice = economy.credits.address, economy.address("alice")
    auth = (alice, economy.address("bob"), 1, 0, 2**40, nonce(7))
    return {
        "withdrawTreasury": economy.treasury.data("withdrawTreasury", alice, 1),
        "withdrawTreasuryOf": economy.treasury.data("withdrawTreasuryOf", token, alice, 1),
        "skim": economy.treasury.data("skim", token),
        "claimOwed": economy.treasury.data("claimOwed", token),
        "claimOwedTo": economy.treasury.data("claimOwedTo", token, alice),
        "register": economy.registry.data("register", "reentrant"),
        "registerCommitted": economy.registry.data("registerCommitted", "reentrant", nonce(1)),
        "register without a name": economy.agents.data("register()"),
        "register with a URI": economy.agents.data(
            "register(string,(string,bytes)[])", "ipfs://x", [("key", b"value")]
        ),
        "register a URI by name": economy.registry.data("register", "ipfs://x"),
        "setAgentWallet": economy.agents.data("setAgentWallet", 1, alice, 2**40, b""),
        "registerMain": economy.main.data("registerMain", 1),
        "safeTransferFrom": economy.erc721.data(
            "safeTransferFrom(address,address,uint256)", alice, token, 1
        ),
        "safeTransferFrom with data": economy.erc721.data(
            "safeTransferFrom(address,address,uint256,bytes)", alice, token, 1, b""
        ),
        "claimDaily": economy.credits_facet.data("claimDaily"),
        "settle": economy.x402.data("settle", *auth, b""),
        "settleUpto": economy.x402.data("settleUpto", *auth[:3], 1, *auth[3:], b""),
        "settleForAgent": economy.x402.data("settleForAgent", 1, *auth, b""),
        "settleBatch": economy.x402.data("settleBatch", [auth], [b""], False),
        "settleUptoBatch": economy.x402.data("settleUptoBatch", [auth], [1], [b""], False),
        "settle3009": economy.x402.data("settle3009", token, *auth, 27, nonce(1), nonce(1)),
        "cancelAuthorization": economy.x402.data("cancelAuthorization", alice, nonce(8), b""),
        "postBounty": economy.bounty.data("postBounty", b"", 1, 3600),
        "postBountyEx": economy.bounty.data("postBountyEx", b"", 1, 3600, 0, 0),
        "acceptResult": economy.bounty.data("acceptResult", 1),
        "autoAccept": economy.bounty.data("autoAccept", 1),
        "cancelBounty": economy.bounty.data("cancelBounty", 1),
        "reclaimExpired": economy.bounty.data("reclaimExpired", 1),
        "scheduleJob": economy.schedule.data("scheduleJob", 1, b"", 60, 1, 1),
        "cancelJob": economy.schedule.data("cancelJob", 1),
        "topUpJob": economy.schedule.data("topUpJob", 1, 1),
        "reapJob": economy.schedule.data("reapJob", 1),
        "createGuild": economy.guild.data("createGuild", "reentrant"),
        "createGuildCommitted": economy.guild.data("createGuildCommitted", "reentrant", nonce(1)),
        "fundGuild": economy.guild.data("fundGuild", 1, 1),
        "spendTreasury": economy.guild.data("spendTreasury", 1, alice, 1, b""),
        "execute": economy.voting.data("execute", 1),
        "executeWeighted": economy.weighted.data("executeWeighted", 1),
        "collectTithe": economy.tithe.data("collectTithe", alice),
        "linkDeviceSigned": economy.devices.data("linkDeviceSigned", alice, 2**40, b""),
        "sendMessagePaid": economy.message.data("sendMessagePaid", 1, "x", 1),
        "announce": economy.signaling.data("announce", nonce(1), alice, alice, b"", b""),
        "leave": economy.signaling.data("leave", nonce(1), alice, alice, b""),
        "createInvite": economy.invite.data("createInvite", nonce(1), 1, 3_600),
        "createInviteEx": economy.invite.data("createInviteEx", nonce(1), 1, 3_600, 1, alice),
        "acceptInvite": economy.invite.data("acceptInvite", "code"),
        "acceptInviteFor": economy.invite.data("acceptInviteFor", nonce(1), alice, 2**40, b""),
        "acceptInviteCommitted": economy.invite.data("acceptInviteCommitted", "code", nonce(1)),
        "reclaimInvite": economy.invite.data("reclaimInvite", nonce(1)),
        "redeem": economy.redeem.data("redeem", "code"),
        "redeemFor": economy.redeem.data("redeemFor", nonce(1), alice, 2**40, b""),
        "depositCredits": economy.credit_meter.data("depositCredits", 1),
        "withdrawCredits": economy.credit_meter.data("withdrawCredits", 1),
        "mintFromFiat": economy.mint_gate.data("mintFromFiat", alice, 1, nonce(1), 2**40, b""),
        "clawbackFiatMint": economy.mint_gate.data("clawbackFiatMint", nonce(1)),
        "clawbackFiatMintUpTo": economy.mint_gate.data("clawbackFiatMintUpTo", nonce(1), 1),
        "openSession": economy.session.data("openSession"),
        "openSessionMax": economy.session.data("openSessionMax", 1),
        "extendSession": economy.session.data("extendSession"),
        "extendSessionMax": economy.session.data("extendSessionMax", 1),
        **vault_calls(economy),
        "fundParty": economy.party.data("fundParty", 1, 1),
        "completeParty": economy.party.data("completeParty", 1),
        "disbandParty": economy.party.data("disbandParty", 1),
        "stakeValidation": economy.validation.data("stakeValidation", nonce(1), 1, True, 1),
        "challengeValidation": economy.validation.data("challengeValidation", 1),
        "resolveValidation": economy.validation.data("resolveValidation", 1, True),
        "reclaimStake": economy.validation.data("reclaimStake", 1),
        "reclaimUnresolved": economy.validation.data("reclaimUnresolved", 1),
    }


def vault_calls(economy: Economy) -> dict[str, bytes]:
    """As `value_calls`, for the vault."""
    data, alice, bob = economy.vault.data, economy.address("alice"), economy.address("bob")
    authorization = (alice, alice, 1, 0, 2**40, nonce(1), 27, nonce(1), nonce(1))
    return {
        "deposit": data("deposit", 1, alice),
        "depositFor": data("depositFor", alice, 1),
        "depositWithAuthorization": data("depositWithAuthorization", *authorization),
        "reserve": data("reserve", alice, bob, 1, 2**40, 0, b""),
        "redeem": data("redeem", alice, bob, 1, b""),
        "redeemBatch": data("redeemBatch", bob, [], [], [], []),
        "releaseExpired": data("releaseExpired", alice, bob),
        "releaseExpiredBatch": data("releaseExpiredBatch", [], []),
        "withdraw": data("withdraw(uint256)", 1),
        "withdraw to": data("withdraw(uint256,address)", 1, bob),
        "collectFees": economy.vault_admin.data("collectFees"),
    }


ROLE_GUARDED = ("recordRun", "recordRuns", "completeJob", "scheduleChildJob")


@pytest.fixture
def trap(economy: Economy) -> Trap:
    return Trap(economy)


def test_a_token_callback_finds_every_value_path_closed_inv_reent(trap: Trap) -> None:
    economy = trap.economy
    posters = [
        key.address for key in economy.keys.values()
    ]  # more calls than one may have bounties
    for number, (name, payload) in enumerate(value_calls(economy).items()):
        trap.arm(payload)
        poster = posters[number % len(posters)]
        economy.bounty.send("postBounty", name.encode(), ETHER, 3600, sender=poster)
        count, ok, error = trap.outcome()
        assert (count, ok, error) == (number + 1, False, REENTRANCY), name
    # The outer calls did what they say and nothing more happened.
    expected = len(value_calls(economy)) * ETHER
    assert economy.held(BOUNTY, trap.token.address) == expected
    assert trap.token.call("balanceOf", economy.diamond) == expected
    assert economy.registry.call("nextId") == 1


def test_even_a_scheduler_token_cannot_reenter(trap: Trap) -> None:
    economy = trap.economy
    owner, bob = economy.owner.address, economy.address("bob")
    target = economy.register("alice", "target")
    economy.schedule.send("addScheduler", trap.token.address, True, sender=owner)
    job = economy.schedule.send("scheduleJob", target, b"", 60, ETHER, 9, sender=bob).value
    economy.later(60)
    now = economy.schedule.call("getJob", job)[3]
    calls = {
        "recordRun": economy.schedule.data("recordRun", job, now, 1),
        "recordRuns": economy.schedule.data("recordRuns", [job], [now], [1]),
        "completeJob": economy.schedule.data("completeJob", job),
        "scheduleChildJob": economy.schedule.data("scheduleChildJob", job, target, b"", 60, 1, 1),
    }
    assert set(calls) == set(ROLE_GUARDED)
    for name, payload in calls.items():
        trap.arm(payload)
        economy.bounty.send("postBounty", b"", ETHER, 3600, sender=bob)
        _, ok, error = trap.outcome()
        assert (ok, error) == (False, REENTRANCY), name
    assert economy.held(SCHEDULE, trap.token.address) == ETHER
    assert economy.schedule.call("activeJobsOf", bob) == 1


def test_even_a_meter_token_cannot_reenter(trap: Trap) -> None:
    economy = trap.economy
    alice, bob = economy.address("alice"), economy.address("bob")
    economy.credit_meter.send("setMeter", trap.token.address, sender=economy.owner.address)
    economy.credit_meter.send("depositCredits", ETHER, sender=alice)
    data = economy.credit_meter.data
    calls = {
        "meter": data("meter", alice, 1),
        "meterUpTo": data("meterUpTo", alice, 1),
        "meterRef": data("meterRef", alice, 1, nonce(1)),
        "meterBatch": data("meterBatch", [alice], [1], [nonce(1)]),
    }
    for name, payload in calls.items():
        trap.arm(payload)
        economy.bounty.send("postBounty", b"", ETHER, 3600, sender=bob)
        _, ok, error = trap.outcome()
        assert (ok, error) == (False, REENTRANCY), name
    assert economy.held(METER, trap.token.address) == ETHER


def test_every_guarded_function_releases_the_lock_inv_lock(economy: Economy) -> None:
    """Each call, refused or not, is followed by a guarded call in the same transaction."""
    multicaller = economy.bound("Multicaller", economy.create("Multicaller"))
    alice, bob, owner = (
        economy.address("alice"),
        economy.address("bob"),
        economy.owner.address,
    )
    caller = multicaller.address
    economy.credits.send("mint", caller, 100 * ETHER, sender=owner)
    economy.credits.send("transfer", economy.diamond, ETHER, sender=alice)
    economy.schedule.send("addScheduler", caller, True, sender=owner)
    economy.credits_facet.send("setDailyAllowance", 5, sender=owner)
    economy.ownership.send("transferOwnership", caller, sender=owner)
    target = economy.register("alice", "target")

    def sig(auth: Auth) -> bytes:
        separator = economy.x402.call("x402DomainSeparator")
        return economy.keys["alice"].sign(auth_digest(separator, PAYMENT, auth))

    signer, codes = Signer(economy), Codes(economy)
    claim = codes.key("k").address
    devices = domain_separator("facetworks-device", "1", economy.evm.chain_id, economy.diamond)
    consent = economy.keys["alice"].sign(link_digest(devices, caller, alice, 2**40))
    agents = domain_separator("ERC8004IdentityRegistry", "1", economy.evm.chain_id, economy.diamond)
    agent, soon = target + 4, economy.now + 60  # after two names and a guild
    wallet_consent = economy.keys["alice"].sign(wallet_digest(agents, agent, alice, caller, soon))
    auths = [Auth(alice, bob, 5, 0, 2**40, nonce(n)) for n in range(4)]
    gate = Gate(economy)
    purchase = gate.signed("r", 50, caller)
    diamond, token = economy.diamond, economy.credits.address
    steps: list[tuple[bytes, bytes]] = [
        (token, economy.credits.data("approve", diamond, 2**256 - 1)),
        (diamond, economy.treasury.data("skim", token)),
        (diamond, economy.treasury.data("withdrawTreasury", bob, 1)),
        (diamond, economy.treasury.data("withdrawTreasuryOf", token, bob, 1)),
        (diamond, economy.registry.data("register", "first")),
        (diamond, economy.main.data("registerMain", target + 1)),  # already main: returns early
        (diamond, economy.registry.data("register", "second")),
        (diamond, economy.main.data("registerMain", target + 2)),
        (
            diamond,
            economy.erc721.data(
                "safeTransferFrom(address,address,uint256)", caller, bob, target + 2
            ),
        ),
        (diamond, economy.credits_facet.data("claimDaily")),
        (diamond, economy.x402.data("settle", *auths[0], sig(auths[0]))),
        (
            diamond,
            economy.x402.data("settleUpto", *auths[1][:3], 0, *auths[1][3:], sig(auths[1])),
        ),
        (diamond, economy.x402.data("settleBatch", [auths[2]], [sig(auths[2])], False)),
        (diamond, economy.x402.data("settleUptoBatch", [auths[3]], [1], [sig(auths[3])], False)),
        (diamond, economy.x402.data("cancelAuthorization", caller, nonce(1), b"")),
        (diamond, economy.bounty.data("postBounty", b"", 5, 3600)),
        (diamond, economy.bounty.data("cancelBounty", 1)),
        (diamond, economy.bounty.data("postBountyEx", b"", 5, 3600, 600, 600)),
        (diamond, economy.bounty.data("claimBounty", 2, target)),
        (diamond, economy.bounty.data("submitResult", 2, b"")),
        (diamond, economy.bounty.data("acceptResult", 2)),
        (diamond, economy.schedule.data("scheduleJob", target, b"", 60, 50, 5)),
        (diamond, economy.schedule.data("topUpJob", 1, 5)),
        (diamond, economy.schedule.data("scheduleChildJob", 1, target, b"", 60, 5, 5)),
        (diamond, economy.schedule.data("recordRuns", [1], [1], [1])),
        (diamond, economy.schedule.data("completeJob", 2)),
        (diamond, economy.schedule.data("cancelJob", 1)),
        (diamond, economy.guild.data("createGuild", "guild")),
        (diamond, economy.guild.data("fundGuild", target + 3, 50)),
        (diamond, economy.guild.data("spendTreasury", target + 3, bob, 5, b"")),
        (diamond, economy.redeem.data("addRedeemCodes", [codes.hash("b")], 5)),
        (diamond, economy.redeem.data("addGuardedRedeemCodes", [codes.hash("k")], [claim], 5)),
        (diamond, economy.redeem.data("redeem", "b")),
        (diamond, economy.redeem.data("redeemFor", *codes.redeem_claim("k", bob, 2**40))),
        (diamond, economy.invite.data("createInvite", codes.hash("b"), 5, 3_600)),
        (diamond, economy.invite.data("acceptInvite", "b")),
        (diamond, economy.invite.data("createInviteEx", codes.hash("k"), 5, 3_600, 2, claim)),
        (diamond, economy.invite.data("acceptInviteFor", *codes.invite_claim("k", bob, 2**40))),
        (diamond, economy.credit_meter.data("setMeter", caller)),
        (diamond, economy.credit_meter.data("depositCredits", 50)),
        (diamond, economy.credit_meter.data("withdrawCredits", 5)),
        (diamond, economy.credit_meter.data("meter", caller, 5)),
        (diamond, economy.credit_meter.data("meterUpTo", caller, 0)),  # returns early
        (diamond, economy.credit_meter.data("meterUpTo", caller, 5)),
        (diamond, economy.credit_meter.data("meterRef", caller, 5, nonce(1))),
        (diamond, economy.credit_meter.data("meterBatch", [caller], [5], [nonce(2)])),
        (diamond, economy.mint_gate.data("mintFromFiat", *purchase)),
        (diamond, economy.mint_gate.data("clawbackFiatMintUpTo", purchase[2], 0)),  # and again
        (diamond, economy.mint_gate.data("clawbackFiatMintUpTo", purchase[2], 5)),
        (diamond, economy.mint_gate.data("clawbackFiatMint", purchase[2])),
        (diamond, economy.session.data("openSession")),
        (diamond, economy.devices.data("linkDeviceSigned", alice, 2**40, consent)),
        (diamond, economy.message.data("sendMessagePaid", target, "hello", 0)),
        (diamond, economy.signaling.data("announce", *signer.announce("peer"))),
        (diamond, economy.signaling.data("leave", *signer.leave("peer", time=economy.now + 1))),
        (diamond, economy.session.data("extendSession")),
        (diamond, economy.session.data("extendSessionMax", 10 * ETHER)),
        (diamond, economy.session.data("setSessionDuration", 30 * 86_400)),
        (diamond, economy.session.data("openSessionMax", 10 * ETHER)),
        (diamond, economy.agents.data("register()")),
        (diamond, economy.agents.data("register(string,(string,bytes)[])", "", [])),
        (diamond, economy.registry.data("register", "ipfs://x")),
        (diamond, economy.agents.data("setAgentWallet", agent, alice, soon, wallet_consent)),
    ]
    targets, payloads = [to for to, _ in steps], [data for _, data in steps]
    results = multicaller.send("run", targets, payloads, sender=alice).value
    failed = [payloads[i][:4].hex() for i, ok in enumerate(results) if not ok]
    assert not failed, failed


def test_every_guarded_function_of_the_vault_releases_the_lock_inv_lock(economy: Economy) -> None:
    """As above; the caller is a consumer, and its own operator's relayer."""
    multicaller = economy.bound("Multicaller", economy.create("Multicaller"))
    consumer, alice = multicaller.address, economy.address("alice")
    tab = Tab(economy)
    economy.usd.send("mint", consumer, 100, sender=economy.owner.address)
    tab.set_fee(5_000)
    vault, diamond = economy.vault, economy.diamond

    def run(*steps: tuple[bytes, bytes]) -> None:
        targets, payloads = [to for to, _ in steps], [data for _, data in steps]
        results = multicaller.send("run", targets, payloads, sender=alice).value
        assert all(results), [payloads[i][:4].hex() for i, ok in enumerate(results) if not ok]

    run(
        (economy.usd.address, economy.usd.data("approve", diamond, 2**256 - 1)),
        (diamond, vault.data("deposit", 50, tab.key.address)),
        (diamond, vault.data("requestWithdraw")),
    )
    economy.later(2 * 86_400)
    expiry = economy.now + 60
    options = {"consumer": consumer, "epoch": 0}
    reservation = tab.reservation(20, expiry, 0, **options)
    r, vs = compact(tab.receipt(4, cycle=1, **options))
    run(
        (diamond, vault.data("withdraw(uint256)", 1)),
        (diamond, vault.data("withdraw(uint256,address)", 1, alice)),
        (diamond, vault.data("depositFor", consumer, 5)),
        (diamond, vault.data("depositWithAuthorization", *tab.authorization(5))),
        (diamond, vault.data("reserve", *reservation)),
        (diamond, vault.data("redeem", consumer, tab.bob, 2, tab.receipt(2, cycle=1, **options))),
        (diamond, vault.data("redeemBatch", tab.bob, [consumer], [4], [r], [vs])),
        (diamond, vault.data("releaseExpired", alice, tab.bob)),  # nothing locked: returns early
        (diamond, vault.data("releaseExpiredBatch", [consumer], [tab.bob])),
        (diamond, economy.vault_admin.data("collectFees")),
        (diamond, vault.data("deposit", 1, tab.key.address)),
    )


def test_every_guarded_function_of_parties_and_verdicts_releases_the_lock_inv_lock(
    economy: Economy,
) -> None:
    """As above; the caller is a creator, a funder, a validator, a challenger and a resolver."""
    multicaller = economy.bound("Multicaller", economy.create("Multicaller"))
    caller, alice = multicaller.address, economy.address("alice")
    bob, carol = economy.address("bob"), economy.address("carol")
    economy.credits.send("mint", caller, 1_000, sender=economy.owner.address)
    subject, diamond = economy.register("alice", "subject"), economy.diamond
    party, validation = economy.party, economy.validation

    def run(*steps: tuple[bytes, bytes]) -> None:
        targets, payloads = [to for to, _ in steps], [data for _, data in steps]
        results = multicaller.send("run", targets, payloads, sender=alice).value
        assert all(results), [payloads[i][:4].hex() for i, ok in enumerate(results) if not ok]

    def stake(number: int) -> bytes:
        return validation.data("stakeValidation", nonce(number), subject, True, 5)

    run(
        (economy.credits.address, economy.credits.data("approve", diamond, 2**256 - 1)),
        (diamond, economy.registry.data("register", "mine")),
        (diamond, economy.bounty.data("postBounty", b"", 5, 3_600)),
        *[(diamond, party.data("formParty", [subject + 1], [10_000], 3_600))] * 2,
        *[(diamond, party.data("fundParty", id_, 5)) for id_ in (1, 2)],
        (diamond, party.data("completeParty", 1)),
        (diamond, party.data("disbandParty", 2)),
        (diamond, stake(7)),
        (diamond, stake(8)),
    )
    economy.evm.call(diamond, stake(1), sender=carol)
    validation.send("challengeValidation", 3, sender=bob)
    economy.later(7 * 86_400 + 1)
    economy.evm.call(diamond, stake(1), sender=bob)
    validation.send("challengeValidation", 4, sender=carol)
    economy.evm.call(diamond, stake(2), sender=bob)
    run(
        (diamond, validation.data("reclaimStake", 1)),
        (diamond, validation.data("reclaimUnresolved", 3)),
        (diamond, validation.data("resolveValidation", 4, True)),
        (diamond, validation.data("challengeValidation", 5)),
        (diamond, validation.data("reclaimStake", 2)),
    )


def test_votes_and_tithes_release_the_lock_inv_lock(economy: Economy) -> None:
    """As above: one transaction ends several votes and collects a tithe."""
    multicaller = economy.bound("Multicaller", economy.create("Multicaller"))
    alice, bob, carol = (economy.address(name) for name in ("alice", "bob", "carol"))
    guild = economy.guild.send("createGuild", "guild", sender=alice).value
    economy.guild.send("fundGuild", guild, 100, sender=alice)
    for _ in range(2):
        id_ = economy.voting.send("propose", guild, bob, 5, b"", 3_600, sender=alice).value
        economy.voting.send("vote", id_, True, sender=alice)
    economy.weighted.send("setShares", guild, alice, 1, sender=alice)
    for _ in range(2):
        args = (guild, bob, 5, 3_600, "")
        id_ = economy.weighted.send("proposeWeighted", *args, sender=alice).value
        economy.weighted.send("voteWeighted", id_, True, sender=alice)
    economy.tithe.send("setTithe", guild, 1_000, sender=carol)
    economy.credits.send("transfer", carol, 100, sender=alice)
    economy.later(3_601)
    payloads = [
        *[economy.voting.data("execute", id_) for id_ in (1, 2)],
        *[economy.weighted.data("executeWeighted", id_) for id_ in (3, 4)],
        economy.tithe.data("collectTithe", carol),
        economy.registry.data("register", "last"),
    ]
    targets = [economy.diamond] * len(payloads)
    assert multicaller.send("run", targets, payloads, sender=alice).value == (True,) * len(payloads)
    assert economy.guild.call("treasuryBalanceOf", guild) == 100 - 4 * 5 + 10


def test_a_reverting_call_leaves_the_lock_open(economy: Economy) -> None:
    multicaller = economy.bound("Multicaller", economy.create("Multicaller"))
    refused = economy.bounty.data("postBounty", b"", 0, 3600)
    accepted = economy.registry.data("register", "later")
    targets = [economy.diamond, economy.diamond]
    receipt = multicaller.send("run", targets, [refused, accepted], sender=economy.address("alice"))
    assert receipt.value == (False, True)
