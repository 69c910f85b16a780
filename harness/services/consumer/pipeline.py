"""From a checked request to its answer, in the one order that never spends what was not set aside.

hold -> choose -> rail (reserve, or probe and sign) -> encrypt -> send -> meter -> charge -> open
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from harness.protocol.addresses import Address
from harness.protocol.spending import Rail, RequestState
from harness.services.consumer.ask import Ask
from harness.services.consumer.budget import Budget, Hold, OverBudget, usd
from harness.services.consumer.delivery import Delivered, Stream
from harness.services.consumer.directory import Directory, Offer
from harness.services.consumer.enclaves import Attestor, Sealed, seal_for_enclave
from harness.services.consumer.exact import ExactRail
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.settings import ConsumerSettings
from harness.services.consumer.vault import VaultRail
from harness.services.consumer.watcher import Watcher
from harness.store.consumer import PaidRequest

T = TypeVar("T")

OPERATORS_TRIED = 3


class Pipeline:
    """Everything between a request and the wallet."""

    def __init__(
        self,
        settings: ConsumerSettings,
        wallet: Address,
        budget: Budget,
        directory: Directory,
        exact: ExactRail,
        vault: VaultRail | None,
        watcher: Watcher,
        attestor: Attestor,
        run: Callable[[], int],
    ) -> None:
        self._settings = settings
        self._wallet = wallet
        self._budget = budget
        self._directory = directory
        self._exact = exact
        self._vault = vault
        self._watcher = watcher
        self._attestor = attestor
        self._run = run

    # -- answers -------------------------------------------------------------------------------

    def hold(self, ask: Ask) -> Hold:
        """Set aside what this may cost, before anything is waited for. Raises Refusal(over_budget)."""
        ceiling = ask.permission.cap()
        known = self._directory.cheapest(ask)
        try:
            if known is not None:
                return self._budget.hold(min(ceiling, known))
            return self._budget.hold_up_to(ceiling)
        except OverBudget:
            raise self.over_budget() from None

    async def deliver(self, ask: Ask, hold: Hold) -> Delivered:
        """A whole completion. Raises Refusal, ClientGone."""

        async def buy(offer: Offer, enclave: Sealed | None) -> Delivered:
            rail = self._exact if self._vault is None else self._vault
            return await rail.deliver(ask, offer, hold, self._run(), enclave)

        return await self._bought(ask, hold, buy)

    async def stream(self, ask: Ask, hold: Hold) -> Stream | Delivered:
        """A completion as it arrives where that can be paid for, else whole. Raises Refusal, ClientGone."""

        async def buy(offer: Offer, enclave: Sealed | None) -> Stream | Delivered:
            if self._vault is None:
                return await self._exact.deliver(ask, offer, hold, self._run(), enclave)
            if enclave is not None or not offer.streaming:
                return await self._vault.deliver(ask, offer, hold, self._run(), enclave)
            return await self._vault.stream(ask, offer, hold, self._run())

        return await self._bought(ask, hold, buy)

    async def again(self, ask: Ask, row: PaidRequest) -> Delivered:
        """Take up a payment that died in flight: pay nothing twice. Raises Refusal."""
        if row.payment is None or ask.confidential or row.rail is not Rail.EXACT:
            raise self.unresolved(row)
        offer = await self._directory.choose(
            ask, ask.permission.cap(), vault=False, pinned=row.operator
        )
        hold = self._watcher.hold_of(row.id)
        if hold is not None and row.state.open and self._watcher.take_up(row.id):
            return await self._exact.again(ask, offer, row, hold)
        found = await self._exact.fetch(ask, offer, row)
        if found is None:
            raise self.unresolved(row)
        return found

    async def resolve(self, request: str) -> bool:
        """Whether it is known now how a payment ended."""
        return await self._watcher.resolve(request)

    def owes(self, request: str) -> bool:
        """Whether a signature of this request is still out, so that its hold must stay."""
        return self._watcher.hold_of(request) is not None

    # -- how -----------------------------------------------------------------------------------

    async def _bought(
        self, ask: Ask, hold: Hold, buy: Callable[[Offer, Sealed | None], Awaitable[T]]
    ) -> T:
        """Try operators until one takes the request on; end the hold unless a signature needs it."""
        started = time.monotonic()
        tried: list[Address] = []
        first: Refusal | None = None
        try:
            while True:
                try:
                    offer = await self._choose(ask, hold, tried)
                except Refusal:
                    if first is not None:
                        raise first from None  # nobody else: what the one we had said
                    raise
                enclave = await self._enclave(ask, offer)
                try:
                    result = await buy(offer, enclave)
                except Refusal as refusal:
                    if enclave is not None:
                        self._attestor.forget(offer.model)  # its key may have changed
                    if refusal.kind.status >= 500:
                        self._directory.failed(offer.operator)
                    tried.append(offer.operator)
                    first = first or refusal
                    if not self._may_try_another(ask, refusal, hold, tried):
                        raise
                    continue
                self._directory.served(offer.operator, time.monotonic() - started)
                return result
        except Refusal as refusal:
            if refusal.code == "over_budget":
                raise self.over_budget() from None
            raise
        finally:
            self._let_go(ask, hold)

    def _let_go(self, ask: Ask, hold: Hold) -> None:
        """The rail has ended the hold, or a stream or the watcher still needs it; else it is given back."""
        if not hold.kept and not self.owes(ask.id):
            hold.release()

    async def _choose(self, ask: Ask, hold: Hold, tried: list[Address]) -> Offer:
        preferred = self._vault.reservations.operators if self._vault is not None else ()
        cap = ask.permission.cap()
        remaining = self._budget.view().remaining
        try:
            return await self._directory.choose(
                ask,
                cap if remaining is None else min(cap, remaining + hold.ceiling),
                vault=self._vault is not None,
                preferred=preferred,
                but_not=tried,
            )
        except Refusal as refusal:
            short = remaining is not None and remaining + hold.ceiling < cap
            needs = int(refusal.details.get("requiredBase", cap + 1))
            if refusal.code == "over_cap" and short and needs <= cap:
                raise self.over_budget() from None
            raise

    def _may_try_another(
        self, ask: Ask, refusal: Refusal, hold: Hold, tried: list[Address]
    ) -> bool:
        """Only when nothing was signed or served: the refusal says that the operator is not there."""
        return (
            refusal.code in ("no_operator", "reservation_wedged")
            and ask.pinned is None
            and hold.open
            and not self.owes(ask.id)
            and len(tried) < OPERATORS_TRIED
        )

    async def _enclave(self, ask: Ask, offer: Offer) -> Sealed | None:
        if not ask.confidential:
            return None
        lenient = self._settings.tee_on_verify_failure == "flag"
        return await seal_for_enclave(self._attestor, ask.body, offer.model, lenient=lenient)

    # -- refusals ------------------------------------------------------------------------------

    def over_budget(self) -> Refusal:
        view = self._budget.view()
        suggested = float(usd(max(view.limit * 2, view.spent + self._settings.max_usdc_base * 10)))
        return Refusal(
            "over_budget",
            f"This run may spend {usd(view.limit)} USD; {usd(view.spent)} are spent and "
            f"{usd(view.reserved)} are held for requests under way.",
            spentUsd=float(usd(view.spent)),
            limitUsd=float(usd(view.limit)),
            raiseWith={
                "method": "POST",
                "path": "/v1/budget",
                "body": {"limitUsd": suggested},
            },
        )

    def unresolved(self, row: PaidRequest) -> Refusal:
        digest = "0x" + row.digest.hex() if row.digest else ""
        if row.state in (RequestState.SETTLED, RequestState.RECEIPTED):
            why = "The payment was settled and its reply was lost; it is not paid again under this key."
        elif row.state is RequestState.DISPUTED:
            why = "What was paid for is disputed; it is not paid again under this key."
        else:
            why = "It is still being found out whether this request was paid."
        return Refusal(
            "payment_unknown",
            why,
            paymentDigest=digest,
            requestId=row.id,
            state=row.state.value,
        )
