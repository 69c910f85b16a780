"""Sessions, invites and codes."""

from __future__ import annotations

from typing import Any

from tests.contracts.calls import Receipt
from tests.contracts.credits.codes import Codes
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
