"""A complete diamond with its tokens, deployed and initialised in the specified order.

Deployment happens once per process and kind of Evm; `fresh()` goes back to the state right after it.
"""

from __future__ import annotations

from typing import Any

from eth_abi.abi import encode

from harness.chain.evm import Evm, Snapshot
from harness.diamond.economy import CORE
from harness.diamond.economy import FACETS as DEPLOYED
from tests.contracts.build import Artifact, build
from tests.contracts.calls import Bound, Interface, Receipt
from tests.contracts.signing import Key

ETHER = 10**18
CANONICAL_REGISTRY = bytes.fromhex("000000006551c19487814612e58FE06813775758")
ZERO = b"\x00" * 20
ADD, REPLACE, REMOVE = 0, 1, 2

# What is tested is what is deployed.
FACETS = tuple(name for name in DEPLOYED if name not in CORE)
ACTORS = ("alice", "bob", "carol", "dave", "erin", "frank")

TREASURY, METER, SCHEDULE, BOUNTY, GUILD, INVITE, OWED = 1, 2, 3, 4, 5, 7, 14
VAULT, VAULT_FEES = 9, 10
PARTY, VALIDATION = 6, 8
BUCKETS = range(1, 17)

SUPPLY_CAP = 1_000_000_000 * ETHER
PURSE = 1_000_000 * ETHER
USD_PURSE = 1_000_000 * 10**6
DAY = 86_400
FIAT_RECEIPT_CAP, FIAT_WINDOW_CAP = 1_000 * ETHER, 10_000 * ETHER


def cut_of(facet: bytes, artifact: Artifact, action: int = ADD) -> tuple[bytes, int, list[bytes]]:
    """Everything `artifact` answers, as one entry of a diamond cut."""
    return facet, action, list(Interface(artifact.abi).selectors())


class Economy:
    """Addresses, keys and typed handles of one deployed system.

    Facets are attributes by lower-case short name (`economy.bounty`, `economy.x402`), each a `Bound`
    at the diamond with that facet's own ABI. `credits` and `usd` are the tokens; `usd` is FwUSD
    unless another `dollar` is named.
    """

    def __init__(
        self, evm: Evm | None = None, *, configured: bool = True, dollar: Artifact | None = None
    ) -> None:
        self.evm = evm or Evm()
        self.artifacts = dict(build())
        self.dollar = dollar or self.artifacts["FwUSD"]
        self.artifacts[self.dollar.name] = self.dollar
        self.owner = Key.named("diamond owner")
        self.scheduler = Key.named("scheduler")
        self.guardian = Key.named("vault guardian")
        self.fee_admin = Key.named("vault fee admin")
        self.fee_recipient = Key.named("vault fee recipient").address
        self.meter_key = Key.named("meter")
        self.fiat_issuer = Key.named("fiat issuer")
        self.clawbacker = Key.named("clawbacker")
        self.keys = {name: Key.named(name) for name in ACTORS}
        self.code: dict[str, bytes] = {}
        self._deploy()
        if configured:
            self._initialise()
            self._fund()
        self.base: Snapshot = self.evm.snapshot()

    # -- people ------------------------------------------------------------------------------

    def address(self, name: str) -> bytes:
        """An actor's address."""
        return self.keys[name].address

    def fresh(self) -> Economy:
        """Back to the state right after deployment."""
        self.evm.revert(self.base)
        return self

    # -- deployment --------------------------------------------------------------------------

    def create(self, name: str, *args: Any) -> bytes:
        """Deploy a contract by name; returns its address."""
        artifact = self.artifacts[name]
        entries = [entry for entry in artifact.abi if entry["type"] == "constructor"]
        types = [item["type"] for item in entries[0]["inputs"]] if entries else []
        sender = self.owner.address
        outcome = self.evm.deploy(artifact.init_code + encode(types, list(args)), sender=sender)
        assert outcome.created is not None, (name, outcome.error, outcome.output.hex())
        return outcome.created

    def bound(self, name: str, address: bytes) -> Bound:
        """A handle with the ABI of `name` at `address`."""
        return Bound(self.evm, address, self.artifacts[name].abi)

    def cut(
        self, *cuts: tuple[bytes, int, list[bytes]], init: bytes = ZERO, data: bytes = b""
    ) -> None:
        """A diamond cut by the owner."""
        self.diamond_cut.send("diamondCut", list(cuts), init, data, sender=self.owner.address)

    def add_facet(self, name: str) -> Bound:
        """Deploy a facet and add all it answers."""
        facet = self.create(name)
        self.code[name] = facet
        self.cut(cut_of(facet, self.artifacts[name]))
        return self.bound(name, self.diamond)

    def _deploy(self) -> None:
        owner = self.owner.address
        for name in CORE:
            self.code[name] = self.create(name)
        cut_interface = Interface(self.artifacts["DiamondCutFacet"].abi)
        init = Interface(self.artifacts["DiamondInit"].abi).encode("init", ())
        core = [cut_of(self.code[name], self.artifacts[name]) for name in CORE]
        first_cut = cut_interface.encode("diamondCut", (core, self.create("DiamondInit"), init))
        self.diamond = self.create("Diamond", owner, self.code["DiamondCutFacet"], first_cut)
        self.diamond_cut = self.bound("DiamondCutFacet", self.diamond)
        self.loupe = self.bound("DiamondLoupeFacet", self.diamond)
        self.ownership = self.bound("OwnershipFacet", self.diamond)

        self.credits = self.bound("FwCredits", self.create("FwCredits", owner, SUPPLY_CAP, 0, 0))
        self.usd = self.bound(self.dollar.name, self.create(self.dollar.name, owner))
        self.evm.set_code(CANONICAL_REGISTRY, self.artifacts["ERC6551Registry"].runtime)
        self.registry6551 = self.bound("ERC6551Registry", CANONICAL_REGISTRY)
        self.account_impl = self.create("TokenBoundAccount")
        self.sig_deployer = self.create("SigDeployer")

        for name in FACETS:
            self.code[name] = self.create(name)
        self.cut(*(cut_of(self.code[name], self.artifacts[name]) for name in FACETS))
        self.treasury = self.bound("TreasuryFacet", self.diamond)
        self.registry = self.bound("RegistryFacet", self.diamond)
        self.erc721 = self.bound("ERC721Facet", self.diamond)
        self.main = self.bound("MainIdentityFacet", self.diamond)
        self.owned = self.bound("OwnedTokensFacet", self.diamond)
        self.tba = self.bound("TbaFacet", self.diamond)
        self.credits_facet = self.bound("CreditsFacet", self.diamond)
        self.x402 = self.bound("X402Facet", self.diamond)
        self.bounty = self.bound("BountyFacet", self.diamond)
        self.schedule = self.bound("ScheduleFacet", self.diamond)
        self.reputation = self.bound("ReputationFacet", self.diamond)
        self.guild = self.bound("GuildFacet", self.diamond)
        self.voting = self.bound("VotingFacet", self.diamond)
        self.tithe = self.bound("TitheFacet", self.diamond)
        self.weighted = self.bound("WeightedVotingFacet", self.diamond)
        self.session = self.bound("SessionFacet", self.diamond)
        self.devices = self.bound("DeviceRegistryFacet", self.diamond)
        self.subscribe = self.bound("SubscribeFacet", self.diamond)
        self.push = self.bound("PushFacet", self.diamond)
        self.feedback = self.bound("FeedbackFacet", self.diamond)
        self.message = self.bound("MessageFacet", self.diamond)
        self.room = self.bound("SessionRoomFacet", self.diamond)
        self.signaling = self.bound("SignalingFacet", self.diamond)
        self.release = self.bound("ReleaseFacet", self.diamond)
        self.invite = self.bound("InviteFacet", self.diamond)
        self.redeem = self.bound("RedeemFacet", self.diamond)
        self.credit_meter = self.bound("CreditMeterFacet", self.diamond)
        self.mint_gate = self.bound("MintGateFacet", self.diamond)
        self.vault = self.bound("VaultFacet", self.diamond)
        self.vault_admin = self.bound("VaultAdminFacet", self.diamond)
        self.party = self.bound("PartyFacet", self.diamond)
        self.validation = self.bound("ValidationFacet", self.diamond)
        self.agents = self.bound("AgentIdentityFacet", self.diamond)
        self.agent_reputation = self.bound("AgentReputationFacet", self.diamond)
        self.agent_validation = self.bound("AgentValidationFacet", self.diamond)

    def _initialise(self) -> None:
        owner = self.owner.address
        issuer = self.credits.call("ISSUER_ROLE")
        self.tba.send("setTbaConfig", CANONICAL_REGISTRY, self.account_impl, sender=owner)
        self.credits_facet.send("setCreditsToken", self.credits.address, sender=owner)
        self.credits.send("grantRole", issuer, self.diamond, sender=owner)
        self.credits.send("grantRole", issuer, owner, sender=owner)
        self.schedule.send("setScheduler", self.scheduler.address, sender=owner)
        self.x402.send("setSigDeployer", self.sig_deployer, sender=owner)
        self.x402.send("setPayToken", self.usd.address, True, sender=owner)
        self.init_vault()
        self.credit_meter.send("setMeter", self.meter_key.address, sender=owner)
        self.mint_gate.send("setFiatIssuerSigner", self.fiat_issuer.address, sender=owner)
        self.mint_gate.send("setClawbacker", self.clawbacker.address, sender=owner)
        self.mint_gate.send("setPerReceiptMaxWei", FIAT_RECEIPT_CAP, sender=owner)
        self.mint_gate.send("setFiatMintWindow", FIAT_WINDOW_CAP, DAY, sender=owner)

    def init_vault(self, **changes: Any) -> Receipt:
        """The vault on the recommended terms, or with some of them changed."""
        terms: dict[str, Any] = {
            "token": self.usd.address,
            "guardian": self.guardian.address,
            "redeem_grace": DAY,
            "withdraw_timelock": 2 * DAY,
            "max_reserve_ttl": 30 * DAY,
            "max_pause_duration": 3 * DAY,
            "fee_admin": self.fee_admin.address,
            "fee_recipient": self.fee_recipient,
            "fee_bps": 0,
            "fee_timelock": 2 * DAY,
            "sequencer_uptime_feed": ZERO,
        }
        assert changes.keys() <= terms.keys()
        arguments = (terms | changes).values()
        return self.vault_admin.send("initVault", *arguments, sender=self.owner.address)

    def _fund(self) -> None:
        owner = self.owner.address
        for key in self.keys.values():
            self.credits.send("mint", key.address, PURSE, sender=owner)
            self.credits.send("approve", self.diamond, 2**256 - 1, sender=key.address)
            self.usd.send("mint", key.address, USD_PURSE, sender=owner)

    # -- everyday reading ---------------------------------------------------------------------

    def balance(self, account: bytes) -> int:
        """$LH of an account, in wei."""
        return int(self.credits.call("balanceOf", account))

    def held(self, bucket: int, token: bytes | None = None) -> int:
        """What a ledger bucket holds."""
        return int(self.treasury.call("bucketOf", token or self.credits.address, bucket))

    def register(self, actor: str, name: str) -> int:
        """A new identity for an actor; returns its id."""
        receipt = self.registry.send("register", name, sender=self.address(actor))
        return int(receipt.value)

    def account_of(self, token_id: int) -> bytes:
        """The token-bound account of an identity."""
        return bytes(self.tba.call("tokenBoundAccount", token_id))

    def later(self, seconds: int) -> None:
        """Move the clock."""
        self.evm.timestamp += seconds

    @property
    def now(self) -> int:
        return self.evm.timestamp


_shared: dict[object, Economy] = {}
usual: type[Evm] = Evm  # what `shared` and `bare` run on unless told


def shared(kind: type[Evm] | None = None, *, dollar: Artifact | None = None) -> Economy:
    """The process-wide economy on this kind of Evm, in that dollar, back at its starting state."""
    kind = kind or usual
    key = kind, dollar.name if dollar else None
    if key not in _shared:
        _shared[key] = Economy(kind(), dollar=dollar)
    return _shared[key].fresh()


def bare() -> Economy:
    """A diamond with every facet cut and nothing configured: no token, no accounts, no roles."""
    key = bare, usual
    if key not in _shared:
        _shared[key] = Economy(usual(), configured=False)
    return _shared[key].fresh()
