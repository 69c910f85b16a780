"""Sessions and codes."""

from __future__ import annotations

from tests.contracts.credits.codes import Codes
from tests.contracts.credits.gate import Gate
from tests.contracts.economy import ETHER, Economy
from tests.contracts.market.calendar import HOUR
from tests.contracts.payments.rail import FOREVER
from tests.contracts.signing import nonce
from tests.gas.measure import Call
from tests.gas.operations.catalogue import BATCH, FOUR, of, operation


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


@operation("CreditMeterFacet")
def deposit_credits(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    return [of(economy.credit_meter, alice, "depositCredits", ETHER) for _ in FOUR]


@operation("CreditMeterFacet")
def withdraw_credits(economy: Economy) -> list[Call]:
    alice = economy.address("alice")
    economy.credit_meter.send("depositCredits", 5 * ETHER, sender=alice)
    return [of(economy.credit_meter, alice, "withdrawCredits", ETHER) for _ in FOUR]


@operation("CreditMeterFacet")
def meter_deposit(economy: Economy) -> list[Call]:
    alice, meter = economy.address("alice"), economy.meter_key.address
    economy.credit_meter.send("depositCredits", 5 * ETHER, sender=alice)
    return [of(economy.credit_meter, meter, "meter", alice, ETHER) for _ in FOUR]


@operation("CreditMeterFacet")
def meter_capped(economy: Economy) -> list[Call]:
    alice, meter = economy.address("alice"), economy.meter_key.address
    economy.credit_meter.send("depositCredits", 5 * ETHER, sender=alice)
    economy.credit_meter.send("setMeterCap", 5 * ETHER, sender=alice)
    return [of(economy.credit_meter, meter, "meter", alice, ETHER) for _ in FOUR]


@operation("CreditMeterFacet")
def meter_purchase(economy: Economy) -> list[Call]:
    """All of it locked, in one lot."""
    alice, meter = economy.address("alice"), economy.meter_key.address
    Gate(economy).mint("r", 5 * ETHER)
    return [of(economy.credit_meter, meter, "meter", alice, ETHER) for _ in FOUR]


@operation("CreditMeterFacet")
def meter_ref(economy: Economy) -> list[Call]:
    alice, meter = economy.address("alice"), economy.meter_key.address
    economy.credit_meter.send("depositCredits", 5 * ETHER, sender=alice)
    return [of(economy.credit_meter, meter, "meterRef", alice, ETHER, nonce(n)) for n in FOUR]


@operation("CreditMeterFacet")
def meter_batch_32(economy: Economy) -> list[Call]:
    """Thirty-two users."""
    meter, gate = economy.meter_key.address, Gate(economy)
    users = [bytes([n + 1]) * 20 for n in range(BATCH)]
    economy.mint_gate.send("setFiatLockSecs", 0, sender=economy.owner.address)
    for n, user in enumerate(users):
        gate.mint(f"r{n}", ETHER, user)
    refs = [[nonce(BATCH * k + n) for n in range(BATCH)] for k in FOUR]
    return [
        of(economy.credit_meter, meter, "meterBatch", users, [1] * BATCH, refs[k]) for k in FOUR
    ]


@operation("MintGateFacet")
def mint_from_fiat(economy: Economy) -> list[Call]:
    """Four buyers."""
    gate, carol = Gate(economy), economy.address("carol")
    mints = [gate.signed(f"r{n}", ETHER, bytes([n + 1]) * 20) for n in FOUR]
    return [of(economy.mint_gate, carol, "mintFromFiat", *mint) for mint in mints]


@operation("MintGateFacet")
def mint_again(economy: Economy) -> list[Call]:
    """One buyer who has a lot that unlocks together with these."""
    gate, carol = Gate(economy), economy.address("carol")
    gate.mint("first", ETHER)
    mints = [gate.signed(f"r{n}", ETHER) for n in FOUR]
    return [of(economy.mint_gate, carol, "mintFromFiat", *mint) for mint in mints]


@operation("MintGateFacet")
def clawback_fiat_mint(economy: Economy) -> list[Call]:
    gate = Gate(economy)
    for n in range(5):
        gate.mint(f"r{n}", ETHER)
    calls = [gate.receipt_id(f"r{n}") for n in FOUR]
    return [of(economy.mint_gate, gate.clawbacker, "clawbackFiatMint", id_) for id_ in calls]
