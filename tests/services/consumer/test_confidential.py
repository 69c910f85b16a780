"""Confidential requests through a real (simulated) enclave: proven, or withheld, never downgraded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from harness.confidential.simulated import build_app
from harness.confidential.simulated_enclave import SimulatedEnclave

from .conftest import Start, ThreadedServer
from .scripted_market import Market
from .scripted_operator import MODEL, ScriptedOperator
from .test_streams import events

SECRET = "the whale sings at noon"


@pytest.fixture(scope="module")
def enclave() -> Iterator[tuple[SimulatedEnclave, str]]:
    found = SimulatedEnclave(models=(MODEL,))
    with ThreadedServer(build_app(found)) as url:
        yield found, url


@pytest.fixture
def confidential(
    enclave: tuple[SimulatedEnclave, str], operator: ScriptedOperator
) -> dict[str, Any]:
    """Settings of a sidecar that trusts this enclave's root."""
    found, url = enclave
    operator.tee_models = (MODEL,)
    operator.switches.enclave = f"{url}/v1"
    return {"tee_base_url": f"{url}/v1", "tee_roots": (found.pki.root_der,)}


@pytest.mark.parametrize("rail", ["exact", "vault"])
@pytest.mark.parametrize("e2e", [True, False])
def test_a_reply_is_proven_and_the_operator_reads_nothing(
    start: Start,
    operator: ScriptedOperator,
    confidential: dict[str, Any],
    market: Market,
    rail: str,
    e2e: bool,
) -> None:
    sidecar = start(rail=rail, vault_deposit_base=1_000_000, e2e=e2e, **confidential)
    answer = sidecar.chat(SECRET, {"X-Halo-Confidential": "true"})
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-halo-confidential"] == "true"
    assert answer.headers["x-halo-tee-verified"] == "true"
    assert SECRET in answer.json()["choices"][0]["message"]["content"]
    assert SECRET not in json.dumps(operator.prompts) and SECRET not in str(market.seen)
    assert int(answer.headers["x-halo-charged-base"]) > 0
    plain = sidecar.chat("in the open")
    assert "x-halo-confidential" not in plain.headers or plain.status_code != 200


def test_a_confidential_stream_is_proven_before_it_is_emitted(
    start: Start, confidential: dict[str, Any]
) -> None:
    sidecar = start(confidential=True, **confidential)
    answer = sidecar.chat(SECRET, stream=True)
    assert answer.headers["x-halo-tee-verified"] == "true"
    assert answer.headers["x-halo-stream"] == "buffered"
    assert events(answer.text)[-1] == ("", "[DONE]")
    assert sidecar.http.get("/health").json()["confidential"] is True


@pytest.mark.parametrize("rail", ["exact", "vault"])
def test_a_reply_that_was_touched_is_withheld(
    start: Start, operator: ScriptedOperator, confidential: dict[str, Any], rail: str
) -> None:
    operator.switches.tampers = True
    sidecar = start(rail=rail, vault_deposit_base=1_000_000, confidential=True, **confidential)
    answer = sidecar.chat(SECRET)
    assert (answer.status_code, sidecar.code(answer)) == (502, "tee_verification_failed")
    row = sidecar.sidecar.journal.history()[-1]
    assert row.state.value == "disputed"
    assert sidecar.sidecar.budget.view().reserved == 0


def test_evidence_of_another_root_lets_no_prompt_leave(
    start: Start, operator: ScriptedOperator, confidential: dict[str, Any], market: Market
) -> None:
    confidential["tee_roots"] = (SimulatedEnclave(models=(MODEL,)).pki.root_der,)
    sidecar = start(confidential=True, **confidential)
    answer = sidecar.chat(SECRET)
    assert (answer.status_code, sidecar.code(answer)) == (502, "confidential_setup_failed")
    assert market.seen == [] and sidecar.sidecar.budget.view().reserved == 0
