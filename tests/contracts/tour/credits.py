"""Sessions, invites and codes."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.credits.codes import Codes
from tests.contracts.credits.gate import DAY, Gate
from tests.contracts.economy import ETHER, ZERO
from tests.contracts.signing import (
    nonce,
)
from tests.contracts.tour.walk import FOREVER, Walk


class Credits(Walk):
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

    def metering(self) -> None:
        e = self.economy
        alice, bob = e.address("alice"), e.address("bob")
        owner, key = e.owner.address, e.meter_key.address

        def meter(name: str, *args: Any, sender: bytes = key) -> Receipt:
            return self.send("CreditMeterFacet", e.credit_meter, name, *args, sender=sender)

        meter("setMeter", key, sender=owner)
        for who in (alice, bob):
            meter("depositCredits", ETHER, sender=who)
        meter("setMeterCap", ETHER, sender=alice)
        meter("meter", alice, 1_000)
        meter("meterUpTo", bob, 2 * ETHER)
        meter("meterRef", alice, 1_000, nonce(1))
        meter("meterBatch", [alice, bob, alice], [5, 5, 5], [nonce(2), nonce(3), nonce(2)])

    def fiat(self) -> None:
        """Purchases in two lots and one spent from; whatever is left is withdrawn in the end."""
        e = self.economy
        gate = Gate(e)
        owner, alice, key = e.owner.address, e.address("alice"), e.meter_key.address

        def fiat(name: str, *args: Any, sender: bytes = owner) -> Receipt:
            return self.send("MintGateFacet", e.mint_gate, name, *args, sender=sender)

        fiat("setFiatIssuerSigner", e.fiat_issuer.address)
        fiat("setClawbacker", e.clawbacker.address)
        fiat("setPerReceiptMaxWei", ETHER)
        fiat("setFiatLockSecs", DAY)
        fiat("setFiatMintWindow", 100 * ETHER, 240)
        for n in range(9):
            fiat("mintFromFiat", *gate.signed(f"tour {n}", ETHER), sender=e.address("carol"))
            e.later(n % 2)
        free = e.credit_meter.call("withdrawableOf", alice)
        self.send("CreditMeterFacet", e.credit_meter, "setMeterCap", 0, sender=alice)
        spent = free + 3 * ETHER // 2
        self.send("CreditMeterFacet", e.credit_meter, "meter", alice, spent, sender=key)
        claws = e.clawbacker.address
        fiat("clawbackFiatMintUpTo", gate.receipt_id("tour 0"), 7, sender=claws)
        fiat("clawbackFiatMint", gate.receipt_id("tour 3"), sender=claws)
        e.later(2 * DAY)
        for who in (alice, e.address("bob")):
            rest = e.credit_meter.call("withdrawableOf", who)
            if rest:
                handle = e.credit_meter
                self.send("CreditMeterFacet", handle, "withdrawCredits", rest, sender=who)

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
