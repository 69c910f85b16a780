"""Sessions and codes."""

from __future__ import annotations

from tests.contracts.credits.codes import Codes
from tests.contracts.economy import ETHER, Economy
from tests.contracts.market.calendar import HOUR
from tests.contracts.payments.rail import FOREVER
from tests.gas.measure import Call
from tests.gas.operations.catalogue import FOUR, of, operation


@operation("SessionFacet")
def open_session(economy: Economy) -> list[Call]:
    """Four users: the first opening ever writes the treasury's word too."""
    names = ("alice", "bob", "carol", "dave")
    return [of(economy.session, economy.address(name), "openSession") for name in names]


@operation("SessionFacet")
def extend_session(economy: Economy) -> list[Call]:
    return [of(economy.session, economy.address("alice"), "extendSession") for _ in FOUR]


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
