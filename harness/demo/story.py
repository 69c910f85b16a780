"""The demonstration, chapter by chapter. Every line printed was read from the chain just before."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError
from harness.chain.records import Call
from harness.demo.audit import Books, read_books
from harness.demo.cast import Member, enter, names_of
from harness.demo.gallery import Collection, Gallery
from harness.demo.stage import Stage
from harness.diamond.artifacts import CODE_LIMIT, ContractArtifact
from harness.diamond.book import AddressBook
from harness.diamond.build import build_sources, read_sources
from harness.diamond.economy import FACETS, Economy, Options, deploy
from harness.diamond.schedule import EXHAUSTED, Schedule
from harness.diamond.tokens import FwUsd
from harness.diamond.vault_admin import VaultTerms
from harness.errors import HarnessError
from harness.protocol.addresses import Address
from harness.protocol.amounts import CREDITS, DOLLARS, Unit
from harness.protocol.authorization import PAYMENT, TRANSFER, sign
from harness.services.keeper.memory import MemoryLeases, MemoryRunLedger
from harness.services.keeper.runner import Result, Work
from harness.services.keeper.settings import KeeperSettings
from harness.services.keeper.tick import Keeper

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ("examples/art.sol", "examples/gallery.sol")
LH = 10**18
FIRE = 10**16
BOOKS_WRONG = 8


def perform(stage: Stage, root: Path = ROOT) -> int:
    """The whole story; 0 when the books balance."""
    chain = EmbeddedChain(start_time=int(time.time()))
    artifacts = _compile(stage, root)
    founder = enter(chain, "founder")
    keeper = enter(chain, "keeper")
    with tempfile.TemporaryDirectory() as folder:
        book = AddressBook.of(chain, Path(folder))
        economy = _deploy(stage, chain, founder, keeper, artifacts, book)
    ada, bo = enter(chain, "ada"), enter(chain, "bo")
    courier = enter(chain, "courier")
    identities = _agents(stage, economy, ada, bo)
    _signed_payment(stage, chain, economy, ada, identities[bo.name], courier)
    _bounty(stage, economy, ada, bo, identities[bo.name])
    _schedule(stage, chain, economy, ada, keeper, identities[ada.name])
    art, gallery = _art(stage, chain, economy, artifacts, bo, ada, founder)
    accounts = {
        economy.diamond.tba.token_bound_account(i): f"account of {n}" for n, i in identities.items()
    }
    names = names_of(
        economy,
        [founder, keeper, ada, bo, courier],
        accounts | {art.address: "Art", gallery.address: "Gallery"},
    )
    return _audit(stage, chain, economy, names)


def _compile(stage: Stage, root: Path) -> dict[str, ContractArtifact]:
    stage.chapter(
        "Compile", "Every contract from source, by SolidityLite, with nothing built before."
    )
    sources = read_sources(root) | {e: (root / e).read_text("utf-8") for e in EXAMPLES}
    lines = sum(text.count("\n") for text in sources.values())
    started = time.perf_counter()
    with stage.working(f"compiling {len(sources)} files"):
        artifacts = build_sources(sources, "facetworks")
    seconds = time.perf_counter() - started
    shown = [*FACETS, "Diamond", "FwCredits", "FwUSD", "TokenBoundAccount", "Art", "Gallery"]
    stage.table(
        ["contract", "bytes", "of limit"],
        [
            [
                name,
                f"{len(artifacts[name].runtime):,}",
                f"{len(artifacts[name].runtime) / CODE_LIMIT:.0%}",
            ]
            for name in shown
        ],
    )
    stage.good(f"{len(sources)} files, {lines:,} lines in {seconds:.1f} s")
    return artifacts


def _deploy(
    stage: Stage,
    chain: EmbeddedChain,
    founder: Member,
    keeper: Member,
    artifacts: Mapping[str, ContractArtifact],
    book: AddressBook,
) -> Economy:
    stage.chapter(
        "Deploy",
        "One Diamond with every facet, two tokens, token-bound accounts: signed transactions, real rules.",
    )
    terms = VaultTerms(founder.address, founder.address, founder.address)
    options = Options(scheduler=keeper.address, issuers=(founder.address,), vault=terms)
    started = time.perf_counter()
    with stage.working("deploying"):
        economy = deploy(chain, founder.outbox, artifacts, book, options)
    seconds = time.perf_counter() - started
    sent = chain.nonce(founder.address)
    gas = sum(chain.block(n).gas_used for n in range(chain.block().number + 1))
    stage.say(f"Diamond    {economy.diamond.address}")
    stage.say(f"$LH        {economy.credits.address}")
    stage.say(f"FwUSD      {economy.dollar.address}")
    stage.good(f"{sent} transactions, {gas:,} gas, {seconds:.1f} s")
    selector_count = len(economy.diamond.loupe.facet_addresses())
    stage.good(f"the loupe shows {selector_count} facets behind one address")
    return economy


def _agents(stage: Stage, economy: Economy, ada: Member, bo: Member) -> dict[str, int]:
    stage.chapter(
        "Two agents", "A name is an identity; an identity is an account that can hold and spend."
    )
    found = {}
    for member in (ada, bo):
        economy.credits.mint(member.address, 20 * LH)
        economy.dollar.mint(member.address, 50 * 10**6)
        member.holding(economy.credits).approve(economy.diamond.address, 2**256 - 1)
        mine = member.at(economy.diamond)
        identity = mine.registry.register(member.name)
        mine.tba.create_token_bound_account(identity)
        owner, account, name, price = mine.registry.agent_card(identity)
        stage.say(f"{name}: identity {identity}, held by {owner}")
        stage.say(f"     account {account}, asks {CREDITS.show(price)} per call")
        found[member.name] = identity
    return found


def _signed_payment(
    stage: Stage,
    chain: EmbeddedChain,
    economy: Economy,
    payer: Member,
    payee_identity: int,
    courier: Member,
) -> None:
    stage.chapter(
        "Pay by signature",
        "x402: the payer signs, anybody carries the signature, the payer needs no gas.",
    )
    facet = courier.at(economy.diamond).x402
    payee = economy.diamond.tba.token_bound_account(payee_identity)
    signed = sign(
        payer.signer, PAYMENT, facet.x402_domain_separator(), payee=payee, value=LH * 5 // 4,
        valid_before=chain.block().timestamp + 300,
    )  # fmt: skip
    gas_before = chain.balance(payer.address)
    receipt = facet.settle(signed)
    stage.say(
        f"{payer.name} signed PaymentAuthorization over {CREDITS.show(signed.authorization.value)}"
    )
    stage.good(f"{courier.name} carried it to the Diamond: {receipt.gas_used:,} gas")
    stage.good(
        f"bo's account holds {CREDITS.show(economy.credits.balance_of(payee))}; ada paid no gas: {chain.balance(payer.address) == gas_before}"
    )
    try:
        facet.settle(signed)
    except ContractError as error:
        stage.good(f"the same signature again: {error.name}")
    dollars = sign(
        payer.signer, TRANSFER, economy.dollar.domain.separator, payee=payee, value=2_500_000,
        valid_before=chain.block().timestamp + 300,
    )  # fmt: skip
    FwUsd(chain, economy.dollar.address, courier.outbox).transfer_with_authorization(dollars)
    stage.good(
        f"and {DOLLARS.show(economy.dollar.balance_of(payee))} by EIP-3009, as any x402 client pays"
    )


def _bounty(stage: Stage, economy: Economy, poster: Member, worker: Member, identity: int) -> None:
    stage.chapter(
        "A bounty", "Escrow first, work second, payment to the account of whoever did it."
    )
    hers, his = poster.at(economy.diamond), worker.at(economy.diamond)
    bounty = hers.bounties.post_bounty(b"Name a prime between 100 and 110.", 3 * LH, 3600)
    escrowed = hers.treasury.bucket_of(economy.credits.address, 4)
    stage.say(f"ada posts bounty {bounty}; {CREDITS.show(escrowed)} wait in escrow")
    his.bounties.claim_bounty(bounty, identity)
    his.bounties.submit_result(bounty, b"103")
    stage.say(f"bo claims it and submits {hers.bounties.result_of(bounty).decode()!r}")
    hers.bounties.accept_result(bounty)
    payee = hers.tba.token_bound_account(identity)
    stage.good(f"accepted: bo's account holds {CREDITS.show(economy.credits.balance_of(payee))}")
    hers.reputation.attest(identity, 5, bounty.to_bytes(32, "big"))
    count, total = hers.reputation.verified_reputation_of(identity)
    stage.good(f"ada attests 5 of 5; bo has {count} rating backed by paid work, sum {total}")
    open_one = hers.bounties.post_bounty(b"Name a larger one.", LH, 3600)
    stage.say(f"bounty {open_one} over {CREDITS.show(LH)} stays open, for the books at the end")


class Gardener:
    """The agent behind the scheduled job."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def run(self, work: Work, seconds: float) -> Result:
        self._stage.say(f"   job {work.job} runs: {work.task.decode()!r}")
        return Result(True, "watered")


def _schedule(
    stage: Stage,
    chain: EmbeddedChain,
    economy: Economy,
    owner: Member,
    keeper: Member,
    identity: int,
) -> None:
    stage.chapter(
        "A standing job",
        "A budget in escrow, a keeper that fires each slot once, until the budget is spent.",
    )
    hers = owner.at(economy.diamond).schedule
    job = hers.schedule_job(identity, b"water the plants", 60, 3 * FIRE, 100)
    stage.say(f"ada schedules job {job}: every minute, {CREDITS.show(3 * FIRE)} in all")
    worker = Keeper(
        Schedule(chain, economy.diamond.address, keeper.outbox),
        keeper.outbox,
        Gardener(stage),
        MemoryRunLedger(),
        MemoryLeases(),
        KeeperSettings(rpc="", diamond=economy.diamond.address, cost_per_fire_wei=FIRE),
        "demonstration",
    )
    while hers.get_job(job).status != EXHAUSTED:
        chain.set_time(hers.get_job(job).next_run)
        report = worker.tick()
        left = hers.get_job(job).budget_wei
        stage.say(f"   a minute later: {report.fired} fired, {CREDITS.show(left)} left")
        if not report.fired:
            raise HarnessError(f"the keeper fired nothing: {report.as_json()}")
    chain.advance(60)
    stage.good(f"budget spent, job ended; another tick: {worker.tick().outcome.name.lower()}")


def _art(
    stage: Stage,
    chain: EmbeddedChain,
    economy: Economy,
    artifacts: Mapping[str, ContractArtifact],
    artist: Member,
    collector: Member,
    second: Member,
) -> tuple[Collection, Gallery]:
    stage.chapter(
        "Art",
        "examples/art.sol, a facet in the lite dialect; examples/gallery.sol sells its works.",
    )
    art = _create(artist, artifacts["Art"].creation())
    hall = _create(artist, artifacts["Gallery"].creation(economy.credits.address))
    studio, gallery = Collection(chain, art, artist.outbox), Gallery(chain, hall, artist.outbox)
    studio.open()
    work = studio.mint()
    studio.let(hall)
    gallery.ask(art, work, 2 * LH)
    stage.say(
        f"bo deploys both, mints work {work} of {studio.title()!r}, asks {CREDITS.show(2 * LH)}"
    )
    _buy(stage, economy, gallery, art, collector, work, 2 * LH)
    Collection(chain, art, collector.outbox).let(hall)
    Gallery(chain, hall, collector.outbox).ask(art, work, 4 * LH)
    economy.credits.mint(second.address, 4 * LH)
    _buy(stage, economy, gallery, art, second, work, 4 * LH)
    assert studio.owner_of(work) == second.address
    return studio, gallery


def _create(member: Member, creation: bytes) -> Address:
    created = member.outbox.execute(Call(None, creation)).created
    assert created is not None
    return created


def _buy(
    stage: Stage,
    economy: Economy,
    gallery: Gallery,
    collection: Address,
    buyer: Member,
    work: int,
    price: int,
) -> None:
    buyer.holding(economy.credits).approve(gallery.address, price)
    sold = Gallery(gallery.chain, gallery.address, buyer.outbox).buy(collection, work, price)
    royalty = f", {CREDITS.show(sold['royalty'])} of it to the artist" if sold["royalty"] else ""
    stage.good(f"{buyer.name} buys it for {CREDITS.show(sold['price'])}{royalty}")


def _audit(
    stage: Stage, chain: EmbeddedChain, economy: Economy, names: Mapping[Address, str]
) -> int:
    stage.chapter(
        "The books", "Every balance again, from the chain alone; escrows against holdings."
    )
    wrong = False
    for token, unit in ((economy.credits, CREDITS), (economy.dollar, DOLLARS)):
        books = read_books(chain, economy.diamond, token)
        _show(stage, books, unit, names)
        for complaint in books.complaints:
            stage.bad(complaint)
        wrong = wrong or bool(books.complaints)
        if not books.complaints:
            stage.good(
                f"{len(books.balances)} balances equal their transfers and add up to the supply; "
                f"escrows equal holdings: {unit.show(books.held_by_diamond)}"
            )
    stage.console.print(f"\n[bold]Done in {stage.elapsed:.0f} s.[/bold] What to try next:\n")
    for command, what in _NEXT:
        stage.console.print(f"   {command:<62} [dim]{what}[/dim]")
    return BOOKS_WRONG if wrong else 0


def _show(stage: Stage, books: Books, unit: Unit, names: Mapping[Address, str]) -> None:
    rows = [
        [names.get(account, account), unit.show(balance)]
        for account, balance in sorted(books.balances.items(), key=lambda item: -item[1])
    ]
    rows += [[f"  of it in {bucket}", unit.show(held)] for bucket, held in books.buckets.items()]
    stage.table([f"holder of {unit.symbol}", "now"], rows)


_NEXT = (
    ("make test", "everything above and much more, checked"),
    (".venv/bin/python -m compiler examples/art.sol", "what the compiler makes of one file"),
    (".venv/bin/ape run deploy --network ethereum:local:foundry", "the same economy on anvil"),
    (".venv/bin/facetworks facilitator --help", "settle x402 payments over HTTP"),
    (".venv/bin/facetworks keeper once --help", "fire due jobs from cron"),
)
