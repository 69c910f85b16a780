"""The deploy plan: everything a Facetworks economy needs, in order, each step safe to repeat.

Used alike by the deploy command, the tests and the demo. A step first looks at the chain: what is
there and right is kept, what is missing is made, what is there and wrong stops the plan. The address
book is written after each contract, so a plan that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from eth_utils.crypto import keccak

from harness.chain.abi import Function
from harness.chain.interface import Chain, DevChain
from harness.chain.records import Call
from harness.diamond.artifacts import ContractArtifact
from harness.diamond.book import AddressBook, Record
from harness.diamond.client import Sender
from harness.diamond.code import has_code_of
from harness.diamond.core import Action, Cut, FacetCut
from harness.diamond.cuts import plan_cut
from harness.diamond.diamond import Diamond
from harness.diamond.mint_gate import FiatTerms
from harness.diamond.tokens import FwCredits, FwUsd
from harness.diamond.vault_admin import VaultTerms
from harness.errors import ConfigError, PlanRefused
from harness.protocol.addresses import ZERO_ADDRESS, Address

# The singleton registry of ERC-6551, at this address on every chain that has it.
CANONICAL_REGISTRY: Address = "0x000000006551c19487814612e58FE06813775758"

CORE = ("DiamondCutFacet", "DiamondLoupeFacet", "OwnershipFacet")
FACETS = (
    *CORE,
    "TreasuryFacet",
    "RegistryFacet",
    "ERC721Facet",
    "MainIdentityFacet",
    "OwnedTokensFacet",
    "TbaFacet",
    "CreditsFacet",
    "X402Facet",
    "BountyFacet",
    "ScheduleFacet",
    "ReputationFacet",
    "GuildFacet",
    "VotingFacet",
    "WeightedVotingFacet",
    "TitheFacet",
    "SessionFacet",
    "DeviceRegistryFacet",
    "SubscribeFacet",
    "PushFacet",
    "FeedbackFacet",
    "MessageFacet",
    "SessionRoomFacet",
    "SignalingFacet",
    "ReleaseFacet",
    "InviteFacet",
    "RedeemFacet",
    "CreditMeterFacet",
    "MintGateFacet",
    "VaultFacet",
    "VaultAdminFacet",
    "PartyFacet",
    "ValidationFacet",
    "AgentIdentityFacet",
    "AgentReputationFacet",
    "AgentValidationFacet",
)

Artifacts = Mapping[str, ContractArtifact]
Report = Callable[[str, str, str], None]


@dataclass(frozen=True)
class Options:
    """What differs between networks. Amounts in wei of $LH."""

    supply_cap: int = 1_000_000_000 * 10**18
    scheduler: Address | None = None
    issuers: tuple[Address, ...] = ()  # beside the Diamond: for local networks and tests only
    builder: str = ""
    vault: VaultTerms | None = None
    meter: Address | None = None
    fiat: FiatTerms | None = None


@dataclass(frozen=True)
class Economy:
    """What a plan leaves behind."""

    diamond: Diamond
    credits: FwCredits
    dollar: FwUsd
    addresses: Mapping[str, Address]


def declared_functions(artifacts: Artifacts) -> dict[str, tuple[Function, ...]]:
    """What each facet answers, by facet; ConfigError when the build lacks one."""
    missing = [name for name in FACETS if name not in artifacts]
    if missing:
        raise ConfigError(f"the build has no {', '.join(missing)}")
    return {name: artifacts[name].interface.functions for name in FACETS}


def deploy(
    chain: Chain,
    sender: Sender,
    artifacts: Artifacts,
    book: AddressBook,
    options: Options | None = None,
    report: Report = lambda kind, name, detail: None,
) -> Economy:
    """Run the plan; PlanRefused when what is on chain is not what this build would have made."""
    return _Deployment(chain, sender, artifacts, book, options or Options(), report).run()


class _Deployment:
    def __init__(
        self,
        chain: Chain,
        sender: Sender,
        artifacts: Artifacts,
        book: AddressBook,
        options: Options,
        report: Report,
    ) -> None:
        self._chain = chain
        self._sender = sender
        self._artifacts = artifacts
        self._book = book
        self._options = options
        self._report = report
        self._genesis = chain.block(0).hash

    def run(self) -> Economy:
        owner = self._sender.address
        credits = self._contract("FwCredits", owner, self._options.supply_cap, 0, 0)
        dollar = self._contract("FwUSD", owner)
        registry = self._registry()
        account = self._contract("TokenBoundAccount")
        sig_deployer = self._contract("SigDeployer")
        facets = {name: self._contract(name) for name in FACETS}
        diamond = self._diamond(owner, facets)
        self._routes(diamond, facets)
        self._initialise(diamond, credits, dollar, registry, account, sig_deployer)
        return Economy(
            diamond,
            FwCredits(self._chain, credits, self._sender),
            FwUsd(self._chain, dollar, self._sender),
            self._book.addresses(),
        )

    # -- contracts -----------------------------------------------------------------------------

    def _contract(self, name: str, *arguments: Any) -> Address:
        artifact = self._artifacts[name]
        present = self._book.find(name)
        if present is not None:
            if not has_code_of(
                self._chain, present.address, artifact, *arguments, payer=self._sender.address
            ):
                raise PlanRefused(
                    f"the code of {name} at {present.address} is not what this build makes; "
                    "plan an upgrade, or archive the address book of a chain that started over"
                )
            self._report("kept", name, present.address)
            return present.address
        creation = artifact.creation(*arguments)
        key = f"deploy:{name}:{keccak(creation).hex()[:32]}"
        receipt = self._sender.execute(Call(None, creation), key=key)
        if receipt.created is None:
            raise PlanRefused(f"creating {name} left no contract")
        self._record(
            artifact,
            receipt.created,
            arguments,
            "0x" + receipt.transaction.hex(),
            receipt.block_number,
        )
        self._report("deployed", name, f"{receipt.created}  {receipt.gas_used} gas")
        return receipt.created

    def _record(
        self,
        artifact: ContractArtifact,
        address: Address,
        arguments: tuple[Any, ...] = (),
        transaction: str = "",
        block: int = 0,
    ) -> None:
        record = Record(
            artifact.name,
            address,
            artifact.abi,
            tuple("0x" + a.hex() if isinstance(a, bytes) else str(a) for a in arguments),
            transaction,
            block,
            "0x" + keccak(self._chain.code(address)).hex(),
            self._options.builder,
            artifact.source_path,
        )
        self._book.write(record, self._genesis)

    def _registry(self) -> Address:
        """The canonical registry where there is one, or can be one; else one of our own."""
        artifact = self._artifacts["ERC6551Registry"]
        if self._chain.code(CANONICAL_REGISTRY):
            status = "found"
        elif self._book.find(artifact.name) is not None or not isinstance(self._chain, DevChain):
            return self._contract(artifact.name)
        else:
            self._chain.set_code(CANONICAL_REGISTRY, artifact.runtime)
            status = "placed"
        if self._book.find(artifact.name) is None:
            self._record(artifact, CANONICAL_REGISTRY)
        self._report(status, artifact.name, CANONICAL_REGISTRY)
        return CANONICAL_REGISTRY

    # -- the Diamond -----------------------------------------------------------------------------

    def _diamond(self, owner: Address, facets: Mapping[str, Address]) -> Diamond:
        init = self._contract("DiamondInit")
        declared = declared_functions(self._artifacts)
        first = [
            FacetCut(facets[name], Action.ADD, tuple(f.selector for f in declared[name]))
            for name in CORE
        ]
        first_cut = Cut.INTERFACE.function("diamondCut").encode(
            [cut.values for cut in first],
            init,
            self._artifacts["DiamondInit"].interface.function("init").encode(),
        )
        address = self._contract("Diamond", owner, facets["DiamondCutFacet"], first_cut)
        diamond = Diamond(self._chain, address, self._sender)
        found = diamond.ownership.owner()
        if found != owner:
            raise PlanRefused(f"the Diamond {address} belongs to {found}, the sender is {owner}")
        return diamond

    def _routes(self, diamond: Diamond, facets: Mapping[str, Address]) -> None:
        present = {
            selector: facet
            for facet, selectors in diamond.loupe.facets().items()
            for selector in selectors
        }
        plan = plan_cut(declared_functions(self._artifacts), facets, present)
        if not plan:
            self._report("kept", "routes", f"{len(present)} selectors")
            return
        diamond.cut.try_cut(plan.cuts)
        receipt = diamond.cut.diamond_cut(plan.cuts)
        self._report("cut", "routes", f"{len(plan.lines())} selectors  {receipt.gas_used} gas")

    # -- first settings ---------------------------------------------------------------------------

    def _initialise(
        self,
        diamond: Diamond,
        credits: Address,
        dollar: Address,
        registry: Address,
        account: Address,
        sig_deployer: Address,
    ) -> None:
        self._once(
            "token-bound accounts",
            (diamond.tba.tba_registry(), diamond.tba.tba_account_impl()),
            (registry, account),
            lambda: diamond.tba.set_tba_config(registry, account),
        )
        self._once(
            "credits token",
            diamond.credits.credits_token(),
            credits,
            lambda: diamond.credits.set_credits_token(credits),
        )
        self._once(
            "signature deployer",
            diamond.x402.sig_deployer(),
            sig_deployer,
            lambda: diamond.x402.set_sig_deployer(sig_deployer),
        )
        token = FwCredits(self._chain, credits, self._sender)
        role = token.issuer_role()
        for issuer in (diamond.address, *self._options.issuers):
            self._unless(
                token.has_role(role, issuer),
                f"issuer {issuer}",
                lambda issuer=issuer: token.grant_role(role, issuer),  # type: ignore[misc]
            )
        self._unless(
            diamond.x402.is_pay_token(dollar),
            "dollar payments",
            lambda: diamond.x402.set_pay_token(dollar, True),
        )
        self._scheduler(diamond)
        self._vault(diamond, dollar)
        self._meter(diamond)
        self._fiat(diamond)

    def _scheduler(self, diamond: Diamond) -> None:
        wanted, present = self._options.scheduler, diamond.schedule.scheduler_address()
        if wanted is None:
            if present == ZERO_ADDRESS:
                self._report("skipped", "scheduler", "none named; nobody can fire jobs")
            return
        self._unless(
            diamond.schedule.is_scheduler(wanted),
            f"scheduler {wanted}",
            lambda: (
                diamond.schedule.set_scheduler(wanted)
                if present == ZERO_ADDRESS
                else diamond.schedule.add_scheduler(wanted, True)
            ),
        )

    def _vault(self, diamond: Diamond, dollar: Address) -> None:
        admin, terms = diamond.vault_admin, self._options.vault
        present = admin.vault_token(), admin.vault_guardian()
        if terms is None:
            if present[0] == ZERO_ADDRESS:
                self._report("skipped", "vault", "no guardian named; nothing can be deposited")
            return
        wanted = dollar, terms.guardian
        self._once("vault", present, wanted, lambda: admin.init_vault(dollar, terms))

    def _meter(self, diamond: Diamond) -> None:
        wanted, present = self._options.meter, diamond.credit_meter.meter_address()
        if wanted is None:
            if present == ZERO_ADDRESS:
                self._report("skipped", "meter", "none named; nobody can debit credits")
            return
        self._unless(
            present == wanted, f"meter {wanted}", lambda: diamond.credit_meter.set_meter(wanted)
        )

    def _fiat(self, diamond: Diamond) -> None:
        """The limits first, the issuer last: the gate opens with its limits in place."""
        gate, terms = diamond.mint_gate, self._options.fiat
        if terms is None:
            if gate.fiat_issuer_signer() == ZERO_ADDRESS:
                self._report("skipped", "fiat gate", "no issuer named; nothing can be bought")
            return
        window = gate.fiat_mint_window()
        self._unless(
            (window.cap, window.window_secs) == (terms.window_cap, terms.window_secs),
            "fiat window",
            lambda: gate.set_fiat_mint_window(terms.window_cap, terms.window_secs),
        )
        self._unless(
            gate.per_receipt_max_wei() == terms.per_receipt_max,
            "fiat receipt cap",
            lambda: gate.set_per_receipt_max_wei(terms.per_receipt_max),
        )
        self._unless(
            gate.clawbacker() == terms.clawbacker,
            f"clawbacker {terms.clawbacker}",
            lambda: gate.set_clawbacker(terms.clawbacker),
        )
        self._unless(
            gate.fiat_issuer_signer() == terms.issuer,
            f"fiat issuer {terms.issuer}",
            lambda: gate.set_fiat_issuer_signer(terms.issuer),
        )

    def _once(self, name: str, found: Any, wanted: Any, change: Callable[[], object]) -> None:
        """A setting that can be made one time: make it, keep it, or refuse another value."""
        unset = (ZERO_ADDRESS, (ZERO_ADDRESS, ZERO_ADDRESS))
        if found not in (wanted, *unset):
            raise PlanRefused(f"{name}: the Diamond has {found}, this plan wants {wanted}")
        self._unless(found == wanted, name, change)

    def _unless(self, done: bool, name: str, change: Callable[[], object]) -> None:
        if not done:
            change()
        self._report("kept" if done else "set", name, "")
