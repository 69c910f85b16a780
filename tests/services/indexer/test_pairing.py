"""Pairing codes: used once, for five minutes, by signature, not by guessing."""

from __future__ import annotations

import time
from typing import Any

import pytest
from sqlalchemy import select

from harness.chain.keys import LocalSigner
from harness.protocol.league import (
    link_claim_message,
    link_init_message,
    link_list_message,
    link_unlink_message,
)
from harness.protocol.personal import personal_sign
from harness.store.database import Database
from harness.store.league_tables import LEAGUE, codes
from harness.store.pairing import Claim, Pairing

from .conftest import League

CODE = "123-456-789"


def offer(operator: LocalSigner, code: str = CODE, **changes: Any) -> dict[str, Any]:
    nonce = "0x" + LocalSigner.generate().address[2:].lower().rjust(64, "0")
    expires_at = changes.pop("expiresAt", int(time.time()) + 300)
    text = link_init_message(operator.address, code, nonce, expires_at)
    return {
        "code": code,
        "operatorAddress": operator.address,
        "operatorSig": personal_sign(operator, text),
        "nonce": nonce,
        "expiresAt": expires_at,
    } | changes


def claim(dashboard: LocalSigner, code: str = CODE, **changes: Any) -> dict[str, Any]:
    text = link_claim_message(dashboard.address, code)
    return {
        "code": code,
        "dashboardAddress": dashboard.address,
        "dashboardSig": personal_sign(dashboard, text),
    } | changes


def state_of(league: League) -> list[str]:
    with league.office.league._database.read() as connection:
        return list(connection.scalars(select(codes.c.state).order_by(codes.c.expires_at)))


def listed(league: League, signer: LocalSigner, dashboard: LocalSigner) -> Any:
    expires_at = int(time.time()) + 60
    text = link_list_message(dashboard.address, expires_at)
    headers = {
        "X-Halo-Expires-At": str(expires_at), "X-Halo-Signature": personal_sign(signer, text),
    }  # fmt: skip
    return league.client().get(f"/link/{dashboard.address}", headers=headers)


def test_a_code_pairs_once(league: League) -> None:
    operator, dashboard, other = (LocalSigner.generate() for _ in range(3))
    http = league.client()
    assert http.post("/link/init", json=offer(operator)).status_code == 200
    done = http.post("/link/claim", json=claim(dashboard))
    assert done.json() == {
        "operatorAddress": operator.address.lower(), "dashboardAddress": dashboard.address.lower(),
    }  # fmt: skip
    again = http.post("/link/claim", json=claim(other))
    assert (again.status_code, again.json()["error"]["code"]) == (404, "code_not_found")
    assert listed(league, dashboard, dashboard).json() == {"operators": [operator.address.lower()]}


def test_one_dashboard_claims_many_and_an_operator_has_one(league: League) -> None:
    first, second, dashboard, other = (LocalSigner.generate() for _ in range(4))
    http = league.client()
    for operator, code in ((first, "000-000-001"), (second, "000-000-002")):
        http.post("/link/init", json=offer(operator, code))
        assert http.post("/link/claim", json=claim(dashboard, code)).status_code == 200
    assert len(listed(league, dashboard, dashboard).json()["operators"]) == 2
    http.post("/link/init", json=offer(first, "000-000-003"))
    taken = http.post("/link/claim", json=claim(other, "000-000-003"))
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "already_linked")
    expires_at = int(time.time()) + 60
    text = link_unlink_message(first.address, dashboard.address, expires_at)
    body = {
        "operatorAddress": first.address, "dashboardAddress": dashboard.address,
        "expiresAt": expires_at, "signature": personal_sign(other, text),
    }  # fmt: skip
    assert http.post("/link/unlink", json=body).status_code == 401
    body["signature"] = personal_sign(first, text)
    assert http.post("/link/unlink", json=body).status_code == 200
    assert http.post("/link/unlink", json=body).status_code == 404
    http.post("/link/init", json=offer(first, "000-000-004"))
    assert http.post("/link/claim", json=claim(other, "000-000-004")).status_code == 200


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"code": "123456789"}, 400, "invalid_request"),
        ({"nonce": "0x12"}, 400, "invalid_request"),
        ({"expiresAt": int(time.time()) + 4_000}, 400, "invalid_expiry"),
        ({"expiresAt": int(time.time()) - 1}, 400, "invalid_expiry"),
        ({"expiresAt": "soon"}, 400, "invalid_expiry"),
        ({"operatorSig": "0x" + "11" * 65}, 401, "invalid_signature"),
        ({"operatorAddress": "0x" + "11" * 20}, 401, "invalid_signature"),
    ],
)
def test_offers_that_are_refused(
    league: League, changes: dict[str, Any], status: int, code: str
) -> None:
    body = {**offer(LocalSigner.generate()), **changes}
    answer = league.client().post("/link/init", json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert state_of(league) == []


def test_a_code_in_use_is_not_given_twice(league: League) -> None:
    http = league.client()
    assert http.post("/link/init", json=offer(LocalSigner.generate())).status_code == 200
    second = http.post("/link/init", json=offer(LocalSigner.generate()))
    assert (second.status_code, second.json()["error"]["code"]) == (409, "code_taken")


def test_a_new_code_replaces_the_old_one(league: League) -> None:
    operator, http = LocalSigner.generate(), league.client()
    http.post("/link/init", json=offer(operator, "000-000-001"))
    http.post("/link/init", json=offer(operator, "000-000-002"))
    answer = http.post("/link/claim", json=claim(LocalSigner.generate(), "000-000-001"))
    assert answer.status_code == 404


def test_a_code_lives_five_minutes(league: League) -> None:
    operator, dashboard = LocalSigner.generate(), LocalSigner.generate()
    assert league.client().post("/link/init", json=offer(operator)).status_code == 200
    league.office.pairing._clock = lambda: time.time() + 301
    assert league.client().post("/link/claim", json=claim(dashboard)).status_code == 404


def test_codes_are_not_in_the_database(league: League) -> None:
    league.client().post("/link/init", json=offer(LocalSigner.generate()))
    with league.office.league._database.read() as connection:
        row = connection.execute(select(codes)).one()
    assert not any(CODE in str(value) or CODE[:3] == value for value in row)


def test_h12_five_wrong_codes_from_one_place(league: League) -> None:
    dashboard, operator = LocalSigner.generate(), LocalSigner.generate()
    league.client().post("/link/init", json=offer(operator))
    guesser = league.client("10.9.9.9")
    for number in range(5):
        wrong = claim(dashboard, f"900-000-00{number}")
        assert guesser.post("/link/claim", json=wrong).status_code == 404
    # From now on even the right one is not looked at, from there; elsewhere it still works.
    assert guesser.post("/link/claim", json=claim(dashboard)).status_code == 429
    assert league.client().post("/link/claim", json=claim(dashboard)).status_code == 200


def test_h12_ten_thousand_guesses_claim_nothing() -> None:
    """From three hundred addresses: the code is burned on the way, and nobody is linked."""
    database = Database.open("sqlite://", LEAGUE)  # in memory: this is no test of disks
    pairing = Pairing(database, b"k" * 32)
    operator, thief = LocalSigner.generate().address, LocalSigner.generate().address
    pairing.offer(operator, CODE, "0x" + "00" * 32, int(time.time()) + 300)
    outcomes = set()
    for number in range(10_000):
        digits = f"{(number * 7_919 + 1) % 10**9:09d}"
        code = f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
        place = number // 5 if number < 1_500 else number % 300
        outcomes.add(pairing.claim(thief, code, f"10.0.{place}")[0])
    assert outcomes == {Claim.WRONG, Claim.TOO_MANY}
    with database.read() as connection:
        assert list(connection.scalars(select(codes.c.state))) == ["burned"]
    assert pairing.claim(thief, CODE, "10.0.0")[0] is Claim.TOO_MANY
    assert pairing.claim(thief, CODE, "10.1.0.0")[0] is Claim.WRONG
    assert pairing.operators_of(thief) == []


def test_h12_guesses_near_a_code_burn_it_and_no_other(league: League) -> None:
    near, far = LocalSigner.generate(), LocalSigner.generate()
    http = league.client()
    http.post("/link/init", json=offer(near, "123-456-789"))
    http.post("/link/init", json=offer(far, "777-456-789"))
    for number in range(10):
        league.office.pairing.claim(near.address, f"123-000-00{number}", f"10.1.1.{number}")
    assert http.post("/link/claim", json=claim(near, "123-456-789")).status_code == 404
    assert http.post("/link/claim", json=claim(near, "777-456-789")).status_code == 200


def test_h11_others_see_nothing(league: League) -> None:
    dashboard, other = LocalSigner.generate(), LocalSigner.generate()
    league.client().post("/link/init", json=offer(LocalSigner.generate()))
    league.client().post("/link/claim", json=claim(dashboard))
    assert league.client().get(f"/link/{dashboard.address}").status_code == 404
    assert listed(league, other, dashboard).status_code == 404
    assert listed(league, dashboard, dashboard).status_code == 200


def test_k6_the_other_form_of_a_signature_is_refused(league: League) -> None:
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    body = offer(LocalSigner.generate())
    raw = bytes.fromhex(body["operatorSig"][2:])
    s = order - int.from_bytes(raw[32:64], "big")
    body["operatorSig"] = "0x" + (raw[:32] + s.to_bytes(32, "big") + bytes([55 - raw[64]])).hex()
    assert league.client().post("/link/init", json=body).status_code == 401
