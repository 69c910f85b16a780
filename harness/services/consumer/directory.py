"""Who sells what, as the relay tells it, and whom to buy from.

The relay is not trusted with money or prompts: an operator counts only with an encryption key that its own
wallet has signed, and never when it is this wallet.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from pydantic import ValidationError

from harness.protocol.addresses import Address, to_address
from harness.protocol.amounts import DOLLARS
from harness.protocol.estimate import cost_base
from harness.protocol.frames import Announcement, pubkey_message
from harness.protocol.personal import recover_personal
from harness.services.consumer.ask import Ask
from harness.services.consumer.refusals import Refusal
from harness.services.consumer.relay import RelayClient

FRESH_SECONDS = 5.0
AGAIN_SECONDS = 0.5
STALE_SECONDS = 60.0  # an older list is better than none while the relay does not answer
MARGIN_PERCENT = 120  # an announced price may have risen since by a fifth
PENALTY_SECONDS = 30.0
RENEWAL_PAUSES = (0.0, 0.2, 0.5, 1.0)  # an operator that was restarted announces itself anew
_BEST = 3


@dataclass(frozen=True)
class Offer:
    """One operator's offer of one model. `price` in USD for a thousand tokens."""

    operator: Address
    model: str
    price: Decimal
    public_key: str | None  # hex, attested by the operator's wallet
    vault: bool
    streaming: bool
    tee: bool
    private: bool
    label: str

    def cost(self, tokens: int) -> int:
        """Base units for so many tokens at the announced price."""
        return cost_base(tokens, self.price)

    def ceiling(self, tokens: int) -> int:
        """The same with the margin by which a price may move before it is announced."""
        return -(-self.cost(tokens) * MARGIN_PERCENT // 100)


@dataclass
class _Conduct:
    """How an operator behaved towards us lately."""

    seconds: float = 1.0
    avoid_until: float = 0.0


@dataclass
class _Listing:
    announcements: list[Announcement] = field(default_factory=list)
    at: float = -STALE_SECONDS


class Directory:
    """The operators of one relay, asked for at most every five seconds."""

    def __init__(
        self,
        relay: RelayClient,
        wallet: Address,
        *,
        allow_self: bool,
        e2e: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._relay = relay
        self._wallet = wallet
        self._allow_self = allow_self
        self._e2e = e2e
        self._clock = clock
        self._listing = _Listing()
        self._asking: asyncio.Task[None] | None = None
        self._attested: dict[tuple[str, str, str], bool] = {}
        self._conduct: dict[Address, _Conduct] = {}

    # -- conduct -------------------------------------------------------------------------------

    def served(self, operator: Address, seconds: float) -> None:
        conduct = self._conduct.setdefault(operator, _Conduct())
        conduct.seconds += 0.3 * (seconds - conduct.seconds)
        conduct.avoid_until = 0.0

    def failed(self, operator: Address) -> None:
        """Others first for half a minute."""
        self._conduct.setdefault(operator, _Conduct()).avoid_until = self._clock() + PENALTY_SECONDS

    # -- the list ------------------------------------------------------------------------------

    async def warm(self) -> None:
        """Fetch the list unless it is fresh; one fetch for all who wait. Raises Refusal."""
        age = self._clock() - self._listing.at
        if age < FRESH_SECONDS:
            return
        if self._asking is None:
            self._asking = asyncio.ensure_future(self._fetch())
            self._asking.add_done_callback(self._asked)
        if age < STALE_SECONDS and self._listing.announcements:
            return  # serve from the last one while the next is on its way
        await asyncio.shield(self._asking)

    async def _again(self) -> None:
        """Fetch although the list is fresh, at most once a second."""
        if self._clock() - self._listing.at > AGAIN_SECONDS:
            self._listing.at = -STALE_SECONDS
            await self.warm()

    def _asked(self, task: asyncio.Task[None]) -> None:
        self._asking = None
        if not task.cancelled():
            task.exception()  # whoever waits has it

    async def _fetch(self) -> None:
        announcements = []
        for entry in await self._relay.operators():
            try:
                announcement = Announcement.model_validate(entry)
                announcement.address = to_address(announcement.address)
            except (ValidationError, ValueError):
                continue  # a stranger's nonsense is nobody's offer
            announcements.append(announcement)
        self._listing = _Listing(announcements, self._clock())

    def offers(self, model: str) -> list[Offer]:
        """What is known now for a model: exact names, or names that contain it when there is none."""
        known = self._listing.announcements
        found = [self._offer(a, model) for a in known if model in a.models]
        if not found:
            for a in known:
                loose = next((m for m in a.models if model.lower() in m.lower()), None)
                if loose is not None:
                    found.append(self._offer(a, loose))
        return [offer for offer in found if offer is not None]

    def cheapest(self, ask: Ask) -> int | None:
        """Base units this ask may take at least at the best price known; None when none is known."""
        prices = [offer.ceiling(ask.tokens) for offer in self.offers(ask.model)]
        return min(prices, default=None)

    def announced(self, operator: Address) -> bool:
        return any(a.address == operator for a in self._listing.announcements)

    def _offer(self, announcement: Announcement, model: str) -> Offer | None:
        try:
            price = Decimal(announcement.pricing.get(model, ""))
        except InvalidOperation:
            return None  # no price is not a price of nothing
        if not price.is_finite() or price <= 0:
            return None
        return Offer(
            announcement.address,
            model,
            price,
            self._attested_key(announcement),
            announcement.vault_payments,
            announcement.streaming and announcement.stream_receipts,
            model in announcement.tee_models,
            announcement.privacy or announcement.data_retention == "none",
            announcement.label,
        )

    def _attested_key(self, announcement: Announcement) -> str | None:
        """The announced key, if the operator's own wallet has signed it: a relay cannot put in its own."""
        key, signature = announcement.encryption_pubkey, announcement.pubkey_attestation
        if not key or not signature:
            return None
        identity = (announcement.address, key, signature)
        if identity not in self._attested:
            try:
                signer = recover_personal(pubkey_message(announcement.address, key), signature)
            except ValueError:
                signer = ""
            if len(self._attested) > 10_000:
                self._attested.clear()
            self._attested[identity] = signer == announcement.address
        return key if self._attested[identity] else None

    # -- choosing ------------------------------------------------------------------------------

    async def choose(
        self,
        ask: Ask,
        cap: int,
        *,
        vault: bool,
        preferred: Iterable[Address] = (),
        but_not: Iterable[Address] = (),
        pinned: Address | None = None,
    ) -> Offer:
        """An operator for this ask whose ceiling is within `cap` base units.

        Raises Refusal: no_operator, over_cap, confidential_setup_failed, upstream_error.
        """
        await self.warm()
        only = pinned or ask.pinned
        offers = self.offers(ask.model)
        if not any(only in (None, offer.operator) for offer in offers):
            await self._again()  # whoever is missing may just have come
            offers = self.offers(ask.model)
        if only is not None:
            offers = [offer for offer in offers if offer.operator == only]
            if not offers:
                raise Refusal(
                    "no_operator",
                    f"The pinned operator {only} does not serve {ask.model} now.",
                    operator=only,
                )
        if not offers:
            raise Refusal("no_operator", f"No operator serves {ask.model} now.", model=ask.model)
        left = self._usable(ask, offers, vault)
        excluded = set(but_not)
        left = [offer for offer in left if offer.operator not in excluded]
        if not left:
            raise Refusal(
                "no_operator", f"No other operator serves {ask.model} now.", model=ask.model
            )
        caps = {o.operator: min(cap, ask.permission.cap(o.operator, o.model)) for o in left}
        affordable = [o for o in left if o.ceiling(ask.tokens) <= caps[o.operator]]
        if ask.max_usd_per_million is not None:
            most = ask.max_usd_per_million / 1000
            affordable = [offer for offer in affordable if offer.price <= most]
        if not affordable:
            best = min(left, key=lambda offer: offer.price)
            raise Refusal(
                "over_cap",
                f"{ask.model} may cost {DOLLARS.show(best.ceiling(ask.tokens))} for {ask.tokens} tokens; "
                f"the ceiling of one request is {DOLLARS.show(caps[best.operator])}.",
                requiredBase=str(best.ceiling(ask.tokens)),
                maxBase=str(caps[best.operator]),
            )
        return self._pick(ask, affordable, frozenset(preferred))

    async def renewed(self, old: Offer) -> Offer:
        """The same operator's offer of the same model with the key it announces now. Raises Refusal."""
        for pause in RENEWAL_PAUSES:
            await asyncio.sleep(pause)
            self._listing.at = -STALE_SECONDS
            await self.warm()
            for offer in self.offers(old.model):
                if offer.operator == old.operator and offer.public_key not in (
                    None,
                    old.public_key,
                ):
                    return offer
        raise Refusal(
            "no_operator",
            f"{old.operator} cannot read what is encrypted to its announced key.",
            operator=old.operator,
        )

    def _usable(self, ask: Ask, offers: list[Offer], vault: bool) -> list[Offer]:
        """Narrowed step by step, so that the refusal names the step at which nobody was left."""
        others = [o for o in offers if self._allow_self or o.operator != self._wallet]
        if not others:
            raise Refusal(
                "no_operator",
                f"Only this wallet itself serves {ask.model}; self-inference is off-rail, call the "
                "provider directly (or start with --allow-self).",
                reason="self-inference is off-rail, call the provider directly",
            )
        others = [
            o for o in others if ask.permission.permits(o.operator, o.model, ask.confidential)
        ]
        if not others:
            raise Refusal("policy_denied", f"The policy allows no operator of {ask.model} now.")
        if ask.confidential:
            others = [o for o in others if o.tee]
            if not others:
                raise Refusal(
                    "confidential_setup_failed",
                    f"No operator serves {ask.model} from an enclave now.",
                )
        if ask.private:
            others = [o for o in others if o.private]
        if vault:
            others = [o for o in others if o.vault]
        if self._e2e:
            keyed = [o for o in others if o.public_key is not None]
            if others and not keyed:
                raise Refusal(
                    "no_operator",
                    f"Operators serve {ask.model}, but none has an encryption key signed by its "
                    "wallet, and prompts do not leave unencrypted.",
                    reason="no attested encryption key",
                )
            others = keyed
        if not others:
            wanted = " that takes vault payments" if vault else ""
            private = " with a declared privacy posture" if ask.private else ""
            raise Refusal("no_operator", f"No operator{wanted}{private} serves {ask.model} now.")
        return others

    def _pick(self, ask: Ask, offers: list[Offer], preferred: frozenset[Address]) -> Offer:
        now = self._clock()
        good = [o for o in offers if self._seen(o.operator).avoid_until <= now] or offers
        if ask.routing == "random":
            return secrets.choice(good)
        if ask.routing == "cheapest":
            return min(good, key=lambda o: o.price)
        if ask.routing == "fastest":
            return min(good, key=lambda o: self._seen(o.operator).seconds)
        floor = min(o.price for o in good)
        near = [o for o in good if o.price <= floor * Decimal("1.25")]
        kept = [o for o in near if o.operator in preferred]
        if kept:  # funds are locked there already
            return min(kept, key=lambda o: self._seen(o.operator).seconds)
        near.sort(key=lambda o: (o.price, self._seen(o.operator).seconds))
        return secrets.choice([o for o in near[:_BEST] if o.price == near[0].price])

    def _seen(self, operator: Address) -> _Conduct:
        return self._conduct.get(operator, _Conduct())


def model_entries(listing: dict[str, Any], allowed: tuple[str, ...]) -> dict[str, Any]:
    """The relay's model list with `confidential` and `allowed` on each entry."""
    entries = [
        {
            **entry,
            "confidential": entry.get("confidential") is True,
            "allowed": not allowed or entry.get("id") in allowed,
        }
        for entry in listing.get("data", ())
        if isinstance(entry, dict)
    ]
    return {"object": "list", "data": entries}
