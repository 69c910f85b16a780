"""settleBatch and settleUptoBatch: results, netting, strictness, poison."""

from __future__ import annotations

import pytest

from tests.contracts.calls import reverts
from tests.contracts.counterparts.dollars import each_currency
from tests.contracts.economy import ETHER, ZERO
from tests.contracts.payments.rail import Rail
from tests.contracts.signing import Auth

currency = each_currency

OK, USED, NOT_YET, EXPIRED, BAD_SIGNATURE, TOKEN_FAILED, BAD_PAYEE, EXCEEDS, NOT_FACILITATOR = (
    range(9)
)


def signed(rail: Rail, auths: list[Auth]) -> list[bytes]:
    keys = {key.address: key for key in rail.economy.keys.values()}
    return [rail.sign(auth, keys.get(auth.sender)) for auth in auths]


def upto(rail: Rail, auths: list[Auth], actuals: list[int], strict: bool = False, sender=None):
    args = ([tuple(a) for a in auths], actuals, signed(rail, auths), strict)
    return rail.x402.send("settleUptoBatch", *args, sender=sender or rail.carol.address)


def transfers(receipt, token: bytes) -> int:
    return sum(1 for log in receipt.outcome.logs if log.address == token)


def test_every_result_code_in_one_batch(rail: Rail) -> None:
    economy, now = rail.economy, rail.economy.now
    used = rail.auth(100)
    rail.settle(used)
    pauper = economy.keys["erin"]
    economy.credits.send("approve", economy.diamond, 0, sender=pauper.address)
    auths = [
        rail.auth(0),
        used,
        rail.auth(1, valid_after=now),
        rail.auth(2, valid_before=now),
        rail.auth(3),
        rail.auth(4, sender=pauper.address),
        rail.auth(5, to=ZERO),
        rail.auth(6, to=economy.diamond),
    ]
    signatures = signed(rail, auths)
    signatures[4] = rail.sign(auths[4], rail.bob)
    receipt = rail.batch(auths, signatures)
    assert receipt.value == (
        OK,
        USED,
        NOT_YET,
        EXPIRED,
        BAD_SIGNATURE,
        TOKEN_FAILED,
        BAD_PAYEE,
        BAD_PAYEE,
    )
    assert receipt.names() == ["PaymentSettled"]
    assert [rail.used(auth) for auth in auths] == [True, True] + [False] * 6


def test_neighbours_are_netted_into_one_transfer_each_with_its_event(rail: Rail) -> None:
    erin = rail.economy.address("erin")
    auths = [rail.auth(n, value=n + 1) for n in range(3)]
    auths += [rail.auth(n, value=n + 1, to=erin) for n in range(3, 5)]
    auths += [rail.auth(5, value=6)]
    before = [rail.balance(a) for a in (rail.bob.address, erin)]
    receipt = rail.batch(auths, signed(rail, auths))
    assert receipt.value == (OK,) * 6
    assert transfers(receipt, rail.economy.credits.address) == 3
    assert [e.args["value"] for e in receipt.events] == [1, 2, 3, 4, 5, 6]
    assert [e.args["nonce"] for e in receipt.events] == [a.nonce for a in auths]
    after = [rail.balance(a) for a in (rail.bob.address, erin)]
    assert [y - x for x, y in zip(before, after, strict=True)] == [1 + 2 + 3 + 6, 4 + 5]


def test_duplicates_inside_a_batch_x_a13(rail: Rail) -> None:
    auth = rail.auth()
    before = rail.balance(rail.bob.address)
    receipt = rail.batch([auth, auth, auth], signed(rail, [auth] * 3))
    assert receipt.value == (OK, USED, USED)
    assert rail.balance(rail.bob.address) - before == auth.value
    # The same nonce with another value, correctly signed, is the same payment slot.
    other = rail.auth(1, value=5)
    twin = rail.auth(1, value=6)
    receipt = rail.batch([other, twin], signed(rail, [other, twin]))
    assert receipt.value == (OK, USED)


@pytest.mark.parametrize("place", range(3))
def test_one_bad_item_does_not_spoil_the_rest_x_a13(rail: Rail, place: int) -> None:
    auths = [rail.auth(n, value=1) for n in range(3)]
    signatures = signed(rail, auths)
    signatures[place] = b"\xff" * 65
    before = rail.balance(rail.bob.address)
    results = rail.batch(auths, signatures).value
    assert results == tuple(BAD_SIGNATURE if n == place else OK for n in range(3))
    assert rail.balance(rail.bob.address) - before == 2


def test_sums_beyond_a_word_do_not_spoil_the_rest_x_a13(rail: Rail) -> None:
    huge = 2**256 - 1
    auths = [rail.auth(0, value=huge), rail.auth(1, value=huge), rail.auth(2, value=7)]
    before = rail.balance(rail.bob.address)
    assert rail.batch(auths, signed(rail, auths)).value == (TOKEN_FAILED, TOKEN_FAILED, OK)
    assert rail.balance(rail.bob.address) - before == 7
    with reverts("TokenCallFailed"):
        rail.batch(auths[:2], signed(rail, auths[:2]), strict=True)
    # Behind one that can be paid: it must not pass for settled because the rest could be moved.
    auths = [rail.auth(3, value=5), rail.auth(4, value=huge), rail.auth(5, value=huge - 4)]
    with reverts("TokenCallFailed"):
        rail.batch(auths, signed(rail, auths), strict=True)
    receipt = rail.batch(auths, signed(rail, auths))
    assert receipt.value == (OK, TOKEN_FAILED, TOKEN_FAILED)
    assert [event.args["value"] for event in receipt.events] == [5]
    assert [rail.used(auth) for auth in auths] == [True, False, False]


def test_a_run_the_payer_can_only_partly_afford_x_i5(rail: Rail) -> None:
    funds = rail.balance(rail.alice.address)
    values = [funds // 2, funds // 2, funds // 2, 0, 1]
    auths = [rail.auth(n, value=v) for n, v in enumerate(values)]
    expected = (OK, OK, TOKEN_FAILED, OK, OK if funds % 2 else TOKEN_FAILED)
    receipt = rail.batch(auths, signed(rail, auths))
    assert receipt.value == expected
    assert [rail.used(a) for a in auths] == [r == OK for r in expected]
    assert len(receipt.events) == sum(r == OK for r in expected)


def test_a_duplicate_behind_an_unaffordable_twin_x_i5(rail: Rail) -> None:
    """One by one, the first fails and leaves its nonce to the second; so it does here."""
    funds = rail.balance(rail.alice.address)
    auths = [rail.auth(0, value=funds + 1), rail.auth(0, value=5), rail.auth(1, value=5)]
    assert rail.batch(auths, signed(rail, auths)).value == (TOKEN_FAILED, OK, OK)


def test_strict_reverts_with_the_failures_own_error(rail: Rail) -> None:
    now = rail.economy.now
    used = rail.auth(100)
    rail.settle(used)
    good = rail.auth(0)
    cases = {
        "AuthAlreadyUsed": used,
        "AuthNotYetValid": rail.auth(1, valid_after=now),
        "AuthExpired": rail.auth(2, valid_before=now),
        "BadPayee": rail.auth(3, to=ZERO),
        "TokenCallFailed": rail.auth(4, value=2**200),
    }
    for error, bad in cases.items():
        with reverts(error):
            rail.batch([good, bad], signed(rail, [good, bad]), strict=True)
    with reverts("BadSignature"):
        rail.batch([good, rail.auth(5)], [rail.sign(good), b""], strict=True)
    assert not rail.used(good)
    receipt = rail.batch([good, rail.auth(5)], signed(rail, [good, rail.auth(5)]), strict=True)
    assert receipt.value == (OK, OK)


def test_shapes(rail: Rail) -> None:
    assert rail.batch([], []).value == ()
    with reverts("LengthMismatch"):
        rail.batch([rail.auth()], [])
    many = [rail.auth(n, value=1) for n in range(65)]
    with reverts("BatchTooLarge", 64):
        rail.batch(many, [b""] * 65)
    assert rail.batch(many[:64], signed(rail, many[:64]), strict=True).value == (OK,) * 64
    with reverts("LengthMismatch"):
        args = ([tuple(rail.auth())], [], [b""], False)
        rail.x402.send("settleUptoBatch", *args, sender=rail.carol.address)
    with reverts("LengthMismatch"):
        args = ([tuple(rail.auth())], [1], [], False)
        rail.x402.send("settleUptoBatch", *args, sender=rail.carol.address)
    with reverts("BatchTooLarge", 64):
        args = ([tuple(a) for a in many], [1] * 65, [b""] * 65, False)
        rail.x402.send("settleUptoBatch", *args, sender=rail.carol.address)


def test_upto_batches(rail: Rail) -> None:
    erin, carol = rail.economy.address("erin"), rail.carol.address
    auths = [rail.auth(n, value=10) for n in range(3)] + [rail.auth(3, value=10, to=erin)]
    rail.x402.send("setFacilitator", rail.economy.address("dave"), True, sender=erin)
    before = rail.balance(rail.bob.address)
    receipt = upto(rail, auths, [0, 11, 10, 5])
    assert receipt.value == (OK, EXCEEDS, OK, NOT_FACILITATOR)
    assert [e.args["value"] for e in receipt.events] == [0, 10]
    assert rail.balance(rail.bob.address) - before == 10
    assert [rail.used(a) for a in auths] == [True, False, True, False]
    with reverts("AmountExceedsMax"):
        upto(rail, [rail.auth(9, value=1)], [2], strict=True)
    with reverts("NotFacilitator"):
        upto(rail, [auths[3]], [5], strict=True, sender=carol)
    assert upto(rail, [auths[3]], [5], strict=True, sender=erin).value == (OK,)


def test_a_token_that_lies_stops_the_whole_batch(rail: Rail) -> None:
    economy = rail.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    alice = rail.alice.address
    token.send("mint", alice, 1_000, sender=alice)
    token.send("approve", economy.diamond, 2**255, sender=alice)
    auths = [rail.auth(n, value=10) for n in range(2)]
    token.send("setMode", 10, sender=alice)  # moves one unit less
    with reverts("TokenDelta", 20, 19):
        rail.batch(auths, signed(rail, auths))
    assert not rail.used(auths[0])
    token.send("setMode", 2, sender=alice)  # answers false
    assert rail.batch(auths, signed(rail, auths)).value == (TOKEN_FAILED, TOKEN_FAILED)


def test_a_batch_costs_less_per_item_than_its_parts(rail: Rail) -> None:
    rail.settle(rail.auth(0, value=1))
    auths = [rail.auth(n, value=1) for n in range(1, 33)]
    single = rail.settle(rail.auth(40, value=1)).outcome.transaction_gas
    whole = rail.batch(auths, signed(rail, auths)).outcome.transaction_gas
    assert whole / 32 < 75_000
    assert whole / 32 < single / 2


def test_same_payer_different_holders_of_a_hundred_wei_x_i5_without_netting(rail: Rail) -> None:
    """Interleaved payees are never netted together, whatever their order."""
    erin = rail.economy.address("erin")
    auths = [rail.auth(n, value=ETHER, to=erin if n % 2 else rail.bob.address) for n in range(6)]
    receipt = rail.batch(auths, signed(rail, auths))
    assert transfers(receipt, rail.economy.credits.address) == 6
