"""One successful call of every state-changing function of every facet, in an order that works.

The list of functions is the tour's own proof of completeness: `visited` holds their signatures.
"""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Bound, Receipt, encode, signature_of
from tests.contracts.community.signer import Signer
from tests.contracts.credits.codes import Codes
from tests.contracts.economy import ADD, ETHER, ZERO, Economy
from tests.contracts.payments.tab import Tab, compact
from tests.contracts.signing import (
    PAYMENT,
    TRANSFER,
    Auth,
    auth_digest,
    link_digest,
    nonce,
    separator,
)

FOREVER = 2**40


class Tour:
    """Walks through an economy; `visited` collects (facet, function) pairs."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.visited: set[tuple[str, str]] = set()
        self._nonce = 0
        self.makers = 0

    def run(self) -> None:
        """Everything, once."""
        self.core()
        self.identities()
        self.payments()
        self.bounties()
        self.jobs()
        self.attestations()
        self.guilds()
        self.votes()
        self.sessions()
        self.codes()
        self.devices()
        self.talk()
        self.rooms()
        self.signals()
        self.releases()
        self.tabs()
        self.vault_roles()
        self.money()

    def send(self, facet: str, handle: Bound, name: str, *args: Any, sender: bytes) -> Receipt:
        """A call that must succeed."""
        receipt = handle.send(name, *args, sender=sender)
        self.visited.add((facet, signature_of(handle.interface.functions[name])))
        return receipt

    def core(self) -> None:
        e = self.economy
        owner, alice = e.owner.address, e.address("alice")
        one = e.create("OneFacet")
        cut = [(one, ADD, [b"\x83\x81\xf5\x8a"])]
        self.send("DiamondCutFacet", e.diamond_cut, "diamondCut", cut, ZERO, b"", sender=owner)
        self.send("OwnershipFacet", e.ownership, "nominateOwner", alice, sender=owner)
        self.send("OwnershipFacet", e.ownership, "acceptOwnership", sender=alice)
        self.send("OwnershipFacet", e.ownership, "transferOwnership", owner, sender=alice)

    def identities(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")

        def registry(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("RegistryFacet", e.registry, name, *args, sender=sender)

        def erc721(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("ERC721Facet", e.erc721, name, *args, sender=sender)

        registry("setRegistrationCost", 7, sender=owner)
        registry("register", "a-name-for-alice-that-is-longer-than-one-word")
        registry("setNameCommitRequired", True, sender=owner)
        from eth_utils.crypto import keccak

        packed = encode(["string", "address", "bytes32"], ["second", alice, nonce(5)])
        registry("commitName", keccak(packed))
        e.later(60)
        registry("registerCommitted", "second", nonce(5))
        registry("setNameCommitRequired", False, sender=owner)
        registry("setMetadata", 1, nonce(1), b"short")
        registry("setMetadataMany", 1, [nonce(2), nonce(3)], [b"x" * 100, b""])
        erc721("initERC721", "Names", ".example/", sender=owner)
        erc721("approve", bob, 2)
        erc721("setApprovalForAll", bob, True)
        erc721("transferFrom", alice, bob, 2, sender=bob)
        erc721("safeTransferFrom(address,address,uint256)", bob, alice, 2, sender=bob)
        erc721("safeTransferFrom(address,address,uint256,bytes)", alice, bob, 2, b"hi")
        carols = registry("register", "carols", sender=e.address("carol")).value  # her main one
        erc721("transferFrom", e.address("carol"), bob, carols, sender=e.address("carol"))
        self.send("MainIdentityFacet", e.main, "setMainCost", 3, sender=owner)
        self.send("MainIdentityFacet", e.main, "clearMain", sender=alice)
        self.send("MainIdentityFacet", e.main, "registerMain", 1, sender=alice)
        self.send("TbaFacet", e.tba, "createTokenBoundAccount", 1, sender=bob)

    def signed(self, auth: Auth) -> bytes:
        domain = self.economy.x402.call("x402DomainSeparator")
        return self.economy.keys["alice"].sign(auth_digest(domain, PAYMENT, auth))

    def auth(self, to: bytes, value: int = ETHER) -> Auth:
        self._nonce += 1
        alice = self.economy.address("alice")
        return Auth(alice, to, value, 0, FOREVER, nonce(self._nonce))

    def payments(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")

        def x402(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("X402Facet", e.x402, name, *args, sender=sender)

        auth = self.auth(bob)
        x402("settle", *auth, self.signed(auth))
        x402("setFacilitator", e.address("carol"), True)
        x402("setFacilitatorFor", 1, bob, True, sender=alice)
        auth = self.auth(bob)
        x402("settleUpto", *auth[:3], 5, *auth[3:], self.signed(auth))
        batch = [self.auth(bob), self.auth(bob), self.auth(e.address("erin"))]
        x402("settleBatch", batch, [self.signed(item) for item in batch], True)
        batch = [self.auth(bob), self.auth(bob)]
        x402("settleUptoBatch", batch, [1, 2], [self.signed(item) for item in batch], True)
        agent = self.auth(e.account_of(1), 10**16)
        x402("settleForAgent", 1, *agent, self.signed(agent))
        x402("cancelAuthorization", alice, nonce(999), b"", sender=alice)
        x402("setPayToken", e.usd.address, True, sender=owner)
        usd = Auth(alice, bob, 5, 0, FOREVER, nonce(1))
        domain = separator("USD Coin", "2", e.evm.chain_id, e.usd.address)
        parts = e.keys["alice"].sign_parts(auth_digest(domain, TRANSFER, usd))
        x402("settle3009", e.usd.address, *usd, *parts)

    def bounties(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def bounty(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("BountyFacet", e.bounty, name, *args, sender=sender)

        bounty("postBounty", b"a task of more than thirty-two bytes, to be done", ETHER, 7200)
        bounty("claimBounty", 1, 1, sender=carol)
        bounty("releaseClaim", 1, sender=carol)
        bounty("claimBounty", 1, 1, sender=carol)
        bounty("submitResult", 1, b"first", sender=alice)
        bounty("requestRevision", 1)
        bounty("submitResult", 1, b"second", sender=carol)
        bounty("rejectResult", 1, nonce(4))
        bounty("acceptResult", 1)
        bounty("postBountyEx", b"", ETHER, 7200, 600, 600)
        bounty("claimBounty", 2, 1, sender=alice)
        bounty("submitResult", 2, b"done", sender=alice)
        e.later(601)
        bounty("autoAccept", 2, sender=carol)
        bounty("postBounty", b"", ETHER, 7200)
        bounty("cancelBounty", 3)
        bounty("postBounty", b"", ETHER, 3600)
        e.later(3601)
        bounty("reclaimExpired", 4, sender=carol)

    def jobs(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")
        fire = e.scheduler.address

        def job(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("ScheduleFacet", e.schedule, name, *args, sender=sender)

        job("setScheduler", fire, sender=owner)
        job("addScheduler", alice, True, sender=owner)
        for _ in range(4):
            job("scheduleJob", 1, b"tick" * 20, 60, ETHER, 3)
        job("topUpJob", 1, ETHER)
        job("setRunCap", 1, ETHER // 2)
        job("scheduleChildJob", 1, 1, b"child", 90, ETHER // 4, 5, sender=fire)
        job("pauseJob", 2)
        job("resumeJob", 2)
        job("cancelJob", 2)
        e.later(60)
        job("leaseJobs", [1, 3], 600, sender=fire)
        slot = e.schedule.call("getJob", 1)[3]
        job("recordRun", 1, slot, 5, sender=fire)
        job("recordRuns", [3, 4], [slot, slot], [5, ETHER], sender=fire)
        job("completeJob", 1, sender=fire)
        e.later(31 * 86_400)
        job("reapJob", 5, sender=alice)

    def attestations(self) -> None:
        e = self.economy
        bob = e.address("bob")
        carol, alice = e.address("carol"), e.address("alice")

        def reputation(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("ReputationFacet", e.reputation, name, *args, sender=sender)

        reputation("attest", 1, 5, nonce(1))
        reputation("attest", 1, 4, b"\xab" * 32, sender=carol)
        reputation("revokeAttestation", 1, b"\xab" * 32, sender=carol)
        late = e.bounty.send("postBounty", b"", ETHER, 3600, sender=carol).value
        reputation("attest", 1, 3, nonce(late), sender=carol)
        e.bounty.send("claimBounty", late, 1, sender=alice)
        e.bounty.send("submitResult", late, b"", sender=alice)
        e.bounty.send("acceptResult", late, sender=carol)
        reputation("verifyAttestation", carol, 1, nonce(late), sender=alice)

    def guilds(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")
        owner, dave = e.owner.address, e.address("dave")

        def guild(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("GuildFacet", e.guild, name, *args, sender=sender)

        self.makers = makers = guild("createGuild", "makers").value
        e.registry.send("setNameCommitRequired", True, sender=owner)
        from eth_utils.crypto import keccak

        packed = encode(["string", "address", "bytes32"], ["union", dave, nonce(6)])
        e.registry.send("commitName", keccak(packed), sender=dave)
        e.later(60)
        union = guild("createGuildCommitted", "union", nonce(6), sender=dave).value
        e.registry.send("setNameCommitRequired", False, sender=owner)
        guild("inviteToGuild", makers, bob)
        guild("revokeInvite", makers, bob)
        guild("inviteToGuild", makers, bob)
        guild("declineInvite", makers, sender=bob)
        guild("setRole", makers, bob, 2)
        guild("acceptGuildInvite", makers, sender=bob)
        guild("inviteToGuild", makers, carol, sender=bob)
        guild("acceptGuildInvite", makers, sender=carol)
        guild("setGuildPolicy", makers, (True, 0, 0, ETHER, 9))
        guild("setGuildPolicy", makers, (False, 0, 0, 2 * ETHER, 9))
        guild("fundGuild", makers, 9 * ETHER, sender=dave)
        guild("spendTreasury", makers, dave, ETHER, b"for something", sender=bob)
        # A guild joins another and leaves it again.
        guild("inviteToGuild", union, e.account_of(makers), sender=dave)
        e.tba.send("createTokenBoundAccount", makers, sender=bob)
        account = e.bound("TokenBoundAccount", e.account_of(makers))
        for name in ("acceptGuildInvite", "leaveGuild"):
            inner = e.guild.data(name, union)
            account.send("execute", e.diamond, 0, inner, 0, sender=alice)
        guild("leaveGuild", makers, sender=carol)
        guild("inviteToGuild", makers, carol)
        guild("acceptGuildInvite", makers, sender=carol)

    def votes(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def voting(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("VotingFacet", e.voting, name, *args, sender=sender)

        for n in range(4):
            proposer = (bob, carol)[n % 2]
            args = (self.makers, carol, ETHER, b"a reason longer than thirty-two bytes, too", 3600)
            voting("propose", *args, sender=proposer)
        voting("cancelProposal", 1)
        voting("vote", 2, True, sender=alice)
        voting("vote", 2, True)
        voting("vote", 3, False)
        e.later(3601)
        voting("execute", 3, sender=alice)
        voting("execute", 2, sender=alice)
        self.shares()
        self.tithes()
        # Another token can be set only while nothing is held of this one.
        rest = e.guild.call("treasuryBalanceOf", self.makers)
        e.guild.send("spendTreasury", self.makers, alice, rest, b"", sender=alice)

    def shares(self) -> None:
        e = self.economy
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def weighted(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("WeightedVotingFacet", e.weighted, name, *args, sender=sender)

        for shares in (5, 9):
            for who in (alice, bob, carol):
                weighted("setShares", self.makers, who, shares)
        ids = [
            weighted("proposeWeighted", self.makers, bob, ETHER, 3600, "a reason").value
            for _ in range(2)
        ]
        weighted("setShares", self.makers, bob, 1)
        e.guild.send("leaveGuild", self.makers, sender=carol)
        for who in (alice, bob):
            weighted("voteWeighted", ids[0], True, sender=who)
        weighted("voteWeighted", ids[1], False)
        e.later(3601)
        for id_ in ids:
            weighted("executeWeighted", id_, sender=carol)

    def tithes(self) -> None:
        e = self.economy
        erin = e.address("erin")

        def tithe(name: str, *args: Any, sender: bytes = erin) -> Receipt:
            return self.send("TitheFacet", e.tithe, name, *args, sender=sender)

        tithe("setTithe", self.makers, 2_500)
        tithe("setTitheCap", ETHER)
        e.credits.send("transfer", erin, 3 * ETHER, sender=e.address("dave"))
        tithe("collectTithe", erin, sender=e.address("dave"))
        tithe("revokeTithe")

    def sessions(self) -> None:
        e = self.economy
        owner, alice = e.owner.address, e.address("alice")

        def session(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("SessionFacet", e.session, name, *args, sender=sender)

        session("openSession")
        session("extendSession")
        session("extendSessionMax", 10 * ETHER)
        session("setSessionPrice", ETHER, sender=owner)
        session("setSessionDuration", 60, sender=owner)
        session("openSessionMax", ETHER, sender=e.address("bob"))

    def codes(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")
        codes = Codes(e)

        def invite(name: str, *args: Any, sender: bytes = bob) -> Receipt:
            return self.send("InviteFacet", e.invite, name, *args, sender=sender)

        def redeem(name: str, *args: Any, sender: bytes = owner) -> Receipt:
            return self.send("RedeemFacet", e.redeem, name, *args, sender=sender)

        code, key, plain, late = (codes.hash(name) for name in ("code", "key", "plain", "late"))
        invite("createInvite", plain, ETHER, 3_600)
        invite("createInvite", late, ETHER, 3_600)
        invite("createInviteEx", key, ETHER, 3_600, 2, codes.key("key").address)
        invite("createInviteEx", code, ETHER, 3_600, 3, ZERO)
        invite("commitInvite", codes.commitment("code", alice, nonce(1)), sender=alice)
        e.evm.mine(1, 30)
        invite("acceptInviteCommitted", "code", nonce(1), sender=alice)
        invite("acceptInvite", "plain", sender=alice)
        invite("acceptInviteFor", *codes.invite_claim("key", alice, FOREVER))
        e.later(3_601)
        invite("reclaimInvite", late, sender=alice)
        redeem("addRedeemCodes", [plain, late, code], ETHER)
        redeem("addGuardedRedeemCodes", [key], [codes.key("key").address], ETHER)
        redeem("disableRedeemCodes", [late])
        redeem("redeem", "plain", sender=alice)
        redeem("redeemFor", *codes.redeem_claim("key", alice, FOREVER), sender=bob)
        redeem("setRedeemRequiresIdentity", True)

    def devices(self) -> None:
        e = self.economy
        alice, device = e.address("alice"), e.keys["frank"]

        def devices(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("DeviceRegistryFacet", e.devices, name, *args, sender=sender)

        domain = separator("facetworks-device", "1", e.evm.chain_id, e.diamond)
        digest = link_digest(domain, alice, device.address, FOREVER)
        for number in range(1, 4):
            devices("linkDevice", bytes([number]) * 20)
            devices("linkIdentityDevice", 1, bytes([number]) * 20)
        devices("linkDeviceSigned", device.address, FOREVER, device.sign(digest))
        devices("unlinkDevice", b"\x01" * 20)
        devices("unlinkIdentityDevice", 1, b"\x01" * 20)

    def talk(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")

        def message(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("MessageFacet", e.message, name, 1, *args, sender=sender)

        for sender in (alice, bob, owner):
            self.send("SubscribeFacet", e.subscribe, "subscribe", 1, sender=sender)
        self.send("SubscribeFacet", e.subscribe, "unsubscribe", 1, sender=alice)
        self.send("PushFacet", e.push, "setPushSub", b"sealed" * 20, sender=alice)
        self.send("PushFacet", e.push, "setPushSub", b"sealed", sender=bob)
        self.send("PushFacet", e.push, "clearPushSub", sender=bob)
        self.send("FeedbackFacet", e.feedback, "submitFeedback", "good", sender=bob)
        self.send("FeedbackFacet", e.feedback, "clearFeedback", sender=owner)
        self.send("FeedbackFacet", e.feedback, "submitFeedback", "better" * 20, sender=bob)
        message("sendMessage", "hello", sender=bob)
        message("setInboxFee", 5)
        message("sendMessagePaid", "hello again" * 9, 5, sender=bob)
        message("markRead", 1)
        message("setBlocked", bob, True)

    def rooms(self) -> None:
        e = self.economy
        alice, bob = e.address("alice"), e.address("bob")

        def room(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("SessionRoomFacet", e.room, name, *args, sender=sender)

        room("createRoom")
        for member in (bob, e.address("carol"), e.address("dave")):
            room("roomAddMember", 1, member)
        room("appendOp", 1, b"sealed", sender=bob)
        room("clearRoom", 1)
        room("appendOps", 1, [b"sealed", b"longer" * 30], sender=bob)
        room("roomRemoveMember", 1, bob)

    def signals(self) -> None:
        e = self.economy
        alice, bob = e.address("alice"), e.address("bob")
        signer = Signer(e)

        def signal(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("SignalingFacet", e.signaling, name, *args, sender=sender)

        signal("postSignal", alice, b"offer", sender=bob)
        signal("clearInbox")
        signal("postSignal", alice, b"offer" * 20, sender=bob)
        for name in ("one", "two", "three"):
            signal("announce", *signer.announce(name))
        signal("leave", *signer.leave("one", time=e.now + 1))
        e.later(601)
        signal("dropPeer", signer.topic, signer.key("two").address)

    def releases(self) -> None:
        """Identity 1 stays: what comes after needs it."""
        e = self.economy
        owner, frank = e.owner.address, e.address("frank")

        def release(name: str, *args: Any, sender: bytes = owner) -> Receipt:
            return self.send("ReleaseFacet", e.release, name, *args, sender=sender)

        made = [e.register("frank", f"franks-{n}-name-is-longer-than-a-word") for n in range(205)]
        release("releaseName", made[1], sender=frank)
        release("adminBurnNames", made[:3])
        mark = e.evm.snapshot()
        release("adminResetAll")
        e.evm.revert(mark)
        release("sealAdmin")

    def tabs(self) -> None:
        """A consumer of the vault with one operator."""
        e = self.economy
        tab = Tab(e)
        alice, bob, carol = e.address("alice"), e.address("bob"), e.address("carol")

        def vault(name: str, *args: Any, sender: bytes = alice) -> Receipt:
            return self.send("VaultFacet", e.vault, name, *args, sender=sender)

        tab.set_fee(1_000)
        vault("deposit", 1_000, tab.key.address)
        vault("depositFor", alice, 50, sender=carol)
        vault("depositWithAuthorization", *tab.authorization(70), sender=carol)
        vault("setSpendPolicy", 900, 900)
        vault("setReservesFrozen", True)
        vault("setReservesFrozen", False)
        vault("requestWithdraw")
        vault("reserve", *tab.reservation(500, e.now + 86_400, 0), sender=carol)
        vault("reserve", *tab.reservation(100, e.now + 90_000, 1), sender=carol)
        vault("redeem", alice, bob, 200, tab.receipt(200), sender=carol)
        r, vs = compact(tab.receipt(333))
        vault("redeemBatch", bob, [alice, carol], [333, 1], [r, r], [vs, vs], sender=bob)
        vault("releaseByOperator", alice, 7, sender=bob)
        e.later(3 * 86_400)
        vault("withdraw(uint256)", 10)
        vault("withdraw(uint256,address)", 20, bob)
        vault("cancelWithdraw")
        vault("releaseExpired", alice, bob, sender=carol)
        vault("reserve", *tab.reservation(5, e.now + 60, 2), sender=carol)
        e.later(2 * 86_400)
        vault("releaseExpiredBatch", [alice, alice], [bob, carol], sender=carol)
        vault("setSessionKey", carol)

    def vault_roles(self) -> None:
        e = self.economy
        bob, carol, fee_admin = e.address("bob"), e.address("carol"), e.fee_admin.address

        def admin(name: str, *args: Any, sender: bytes = fee_admin) -> Receipt:
            return self.send("VaultAdminFacet", e.vault_admin, name, *args, sender=sender)

        admin("collectFees", sender=carol)
        admin("proposeFee", 5)
        admin("cancelPendingFee")
        admin("proposeFee", 6)
        admin("proposeFeeRecipient", bob)
        admin("cancelPendingFeeRecipient")
        admin("proposeFeeRecipient", carol)
        e.later(2 * 86_400)
        admin("applyFee", sender=bob)
        admin("applyFeeRecipient", sender=bob)
        admin("transferFeeAdmin", bob)
        admin("acceptFeeAdmin", sender=bob)
        admin("setPaused", True, sender=e.guardian.address)
        admin("setPaused", False, sender=e.guardian.address)

    def money(self) -> None:
        e = self.economy
        owner, alice, bob = e.owner.address, e.address("alice"), e.address("bob")
        self.send("CreditsFacet", e.credits_facet, "setDailyAllowance", 9, sender=owner)
        self.send("CreditsFacet", e.credits_facet, "claimDaily", sender=alice)
        e.credits.send("transfer", e.diamond, 11, sender=alice)

        def treasury(name: str, *args: Any, sender: bytes = owner) -> Receipt:
            return self.send("TreasuryFacet", e.treasury, name, *args, sender=sender)

        treasury("skim", e.credits.address, sender=bob)
        treasury("withdrawTreasury", alice, 1)
        treasury("withdrawTreasuryOf", e.credits.address, alice, 1)
        self.owed(treasury, bob)

    def owed(self, treasury: Any, bob: bytes) -> None:
        """A diamond emptied of one token takes another, whose refusals leave something to claim."""
        e = self.economy
        owner, alice = e.owner.address, e.address("alice")
        for job in (3, 4):
            if e.schedule.call("getJob", job)[2] == 0:
                e.schedule.send("cancelJob", job, sender=bob)
        left = e.treasury.call("treasuryBalance")
        e.treasury.send("withdrawTreasury", owner, left, sender=owner)
        token = e.bound("HostileToken", e.create("HostileToken"))
        handle = e.credits_facet
        self.send("CreditsFacet", handle, "setCreditsToken", token.address, sender=owner)
        token.send("mint", bob, 100, sender=bob)
        token.send("approve", e.diamond, 100, sender=bob)
        token.send("setBlocked", bob, sender=bob)
        for _ in range(2):
            id_ = e.bounty.send("postBounty", b"", 10, 3600, sender=bob).value
            e.later(3601)
            token.send("setMode", 7, sender=bob)
            self.send("BountyFacet", e.bounty, "reclaimExpired", id_, sender=alice)
            token.send("setMode", 0, sender=bob)
            if id_ % 2:
                treasury("claimOwed", token.address, sender=bob)
            else:
                treasury("claimOwedTo", token.address, alice, sender=bob)
        invite = b"\x0f" * 32
        e.invite.send("createInvite", invite, 10, 3_600, sender=bob)
        e.later(3_601)
        token.send("setMode", 7, sender=bob)
        self.send("InviteFacet", e.invite, "reclaimInvite", invite, sender=alice)
        token.send("setMode", 0, sender=bob)
        job = e.schedule.send("scheduleJob", 1, b"", 60, 10, 3, sender=bob).value
        e.later(31 * 86_400)
        token.send("setMode", 7, sender=bob)
        self.send("ScheduleFacet", e.schedule, "reapJob", job, sender=alice)
