"""K8: evidence that is good in all respects but one is refused, and for that one."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from typing import Any

import httpx
import pytest

from harness.confidential import errors
from harness.confidential.attestor import Attestor
from harness.confidential.claims import Claims
from harness.confidential.errors import AttestationError
from harness.confidential.policy import AttestationPolicy, Measurement
from harness.confidential.session import Enclave
from harness.confidential.simulated import EVIDENCE_FAULTS
from tests.services.confidential.conftest import MODEL, Provider

REASONS = {
    "report_data": errors.NOT_BOUND,
    "debug": errors.DEBUG,
    "stale_tcb": errors.TCB_STATUS,
    "qe_missing": errors.QE_IDENTITY,
    "qe_wrong": errors.QE_IDENTITY,
    "forged_chain": errors.QUOTE_REJECTED,
    "expired": errors.COLLATERAL_EXPIRED,
    "replayed_nonce": errors.REPLAYED,
    "measurement": errors.MEASUREMENT,
    "revoked": errors.REVOKED,
}


def attest(base: str, policy: AttestationPolicy, model: str = MODEL, **more: Any) -> Enclave:
    async def ask() -> Enclave:
        async with httpx.AsyncClient() as http:
            return await Attestor(base, policy, http, **more).enclave(model)

    return asyncio.run(ask())


def refusal(base: str, policy: AttestationPolicy, **more: Any) -> AttestationError:
    with pytest.raises(AttestationError) as refused:
        attest(base, policy, **more)
    return refused.value


def test_good_evidence_passes_and_says_what_was_checked(provider: Provider) -> None:
    enclave = attest(provider.base, provider.policy())
    assert enclave.signing_address == provider.enclave.address
    claims = enclave.claims
    assert (claims.root, claims.status, claims.qe_status) == ("devnet", "UpToDate", "UpToDate")
    assert claims.code == "devnet enclave"
    assert claims.gpu == "not verified"
    assert any("devnet" in left for left in claims.unchecked)
    assert any("GPU" in left for left in claims.unchecked)
    assert not any("GPU" in done for done in claims.checked)


def test_a_devnets_settings_are_its_root_and_where_it_is(provider: Provider) -> None:
    root = provider.enclave.root_pem.encode()
    policy = AttestationPolicy.of(31337, base_url=provider.base, roots=[root])
    assert attest(provider.base, policy).claims.root == "devnet"


def test_every_fault_has_a_reason() -> None:
    assert set(REASONS) == set(EVIDENCE_FAULTS)


@pytest.mark.parametrize("fault", sorted(EVIDENCE_FAULTS))
def test_K8_bad_evidence_is_refused(provider: Provider, fault: str) -> None:
    provider.enclave.fault = fault
    assert refusal(provider.base, provider.policy()).reason == REASONS[fault]


def test_K8_a_simulated_enclave_is_nobody_under_intels_root(provider: Provider) -> None:
    policy = AttestationPolicy(collateral_url=f"{provider.origin}/pccs")
    assert refusal(provider.base, policy).reason == errors.QUOTE_REJECTED


def test_K8_a_simulated_enclave_is_nobody_under_another_devnets_root(provider: Provider) -> None:
    policy = provider.policy(devnet_root=provider.enclave._impostor.root_der)
    assert refusal(provider.base, policy).reason == errors.QUOTE_REJECTED


def test_a_policy_may_accept_more_statuses(provider: Provider) -> None:
    provider.enclave.fault = "stale_tcb"
    policy = provider.policy(accepted_status=frozenset({"UpToDate", "OutOfDate"}))
    assert attest(provider.base, policy).claims.status == "OutOfDate"


def test_without_a_measurement_list_any_code_passes_and_the_claims_say_so(
    provider: Provider,
) -> None:
    provider.enclave.fault = "measurement"
    claims = attest(provider.base, provider.policy(measurements=())).claims
    assert claims.code == "not verified"
    assert any("which code runs" in left for left in claims.unchecked)


def test_one_of_several_measurements_is_enough(provider: Provider) -> None:
    other = Measurement("older", {"mr_td": bytes(48)})
    policy = provider.policy(measurements=(other, provider.enclave.measurement))
    assert attest(provider.base, policy).claims.code == "devnet enclave"
    half = Measurement("half", {**provider.enclave.measurement.registers, "rt_mr3": b"\1" * 48})
    assert refusal(provider.base, provider.policy(measurements=(half,))).reason == "measurement"


def test_a_required_gpu_is_refused_because_nothing_here_can_check_it(provider: Provider) -> None:
    assert refusal(provider.base, provider.policy(gpu="require")).reason == errors.GPU_UNVERIFIED


def test_older_documents_than_the_policy_wants_are_refused(provider: Provider) -> None:
    assert refusal(provider.base, provider.policy(min_evaluation=19)).reason == errors.TCB_STATUS
    assert attest(provider.base, provider.policy(min_evaluation=18)).claims.evaluation == 18


@pytest.mark.parametrize("seconds", [-3600, 3600, 10**9])
def test_a_wrong_clock_is_noticed(provider: Provider, seconds: int) -> None:
    import time

    refused = refusal(provider.base, provider.policy(), clock=lambda: time.time() + seconds)
    assert refused.reason == errors.CLOCK_SKEW


# -- reports that lie or are none -----------------------------------------------------------------


def reports(provider: Provider, change: Any) -> httpx.MockTransport:
    """The provider's reports with a change, as a transport in its place."""

    def answer(request: httpx.Request) -> httpx.Response:
        nonce = bytes.fromhex(request.url.params["nonce"])
        document = provider.enclave.report(request.url.params["model"], nonce)
        changed = change(document)
        if isinstance(changed, httpx.Response):
            return changed
        from email.utils import formatdate

        return httpx.Response(200, json=changed, headers={"date": formatdate(usegmt=True)})

    return httpx.MockTransport(answer)


def changed_refusal(provider: Provider, change: Any) -> AttestationError:
    async def ask() -> Enclave:
        async with httpx.AsyncClient(transport=reports(provider, change)) as http:
            return await Attestor(provider.base, provider.policy(), http).enclave(MODEL)

    with pytest.raises(AttestationError) as refused:
        asyncio.run(ask())
    return refused.value


def entry(**changes: Any) -> Any:
    return lambda d: {"model_attestations": [{**d["model_attestations"][0], **changes}]}


def without(name: str) -> Any:
    def change(document: Any) -> Any:
        kept = {k: v for k, v in document["model_attestations"][0].items() if k != name}
        return {"model_attestations": [kept]}

    return change


def test_K8_a_substituted_key_is_refused(provider: Provider) -> None:
    from harness.confidential import ecies

    mine = ecies.generate_key()
    public = ecies.public_bytes(mine)
    key = {"signing_public_key": public.hex()}
    assert changed_refusal(provider, entry(**key)).reason == errors.KEY_MISMATCH
    # ... and with the address that belongs to it, the quote does not vouch for it.
    both = {**key, "signing_address": ecies.address_of(public)}
    assert changed_refusal(provider, entry(**both)).reason == errors.NOT_BOUND


def test_K8_a_report_for_another_nonce_is_refused_before_its_quote_is_read(
    provider: Provider,
) -> None:
    assert changed_refusal(provider, entry(request_nonce="00" * 32)).reason == errors.REPLAYED


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda d: [], errors.REPORT_MALFORMED),
        (lambda d: {}, errors.REPORT_MALFORMED),
        (lambda d: {"model_attestations": {}}, errors.REPORT_MALFORMED),
        (lambda d: {"model_attestations": []}, errors.NO_ENCLAVE),
        (entry(signing_algo="ed25519"), errors.NO_ENCLAVE),
        (entry(intel_quote="zz"), errors.REPORT_MALFORMED),
        (entry(intel_quote=7), errors.REPORT_MALFORMED),
        (entry(intel_quote=""), errors.COLLATERAL_UNAVAILABLE),
        (entry(signing_public_key="04" + "00" * 64), errors.REPORT_MALFORMED),
        (entry(signing_address="0x12"), errors.REPORT_MALFORMED),
        (without("intel_quote"), errors.REPORT_MALFORMED),
        (without("signing_public_key"), errors.REPORT_MALFORMED),
        (lambda d: httpx.Response(500), errors.REPORT_UNAVAILABLE),
        (lambda d: httpx.Response(302, headers={"location": "/x"}), errors.REPORT_UNAVAILABLE),
        (lambda d: httpx.Response(404), errors.NO_ENCLAVE),
        (lambda d: httpx.Response(200, text="<html>"), errors.REPORT_MALFORMED),
        (lambda d: httpx.Response(200, text="[" * 100_000), errors.REPORT_MALFORMED),
        (lambda d: {**d, "padding": "x" * 4_200_000}, errors.REPORT_MALFORMED),
        (lambda d: httpx.Response(200, json=d), errors.CLOCK_SKEW),
    ],
)
def test_reports_that_are_none(provider: Provider, change: Any, reason: str) -> None:
    assert changed_refusal(provider, change).reason == reason


def test_a_report_of_one_enclave_is_read_as_well(provider: Provider) -> None:
    async def ask(change: Any) -> Enclave:
        async with httpx.AsyncClient(transport=reports(provider, change)) as http:
            return await Attestor(provider.base, provider.policy(), http).enclave(MODEL)

    flat = asyncio.run(ask(lambda d: d["model_attestations"][0]))
    nested = asyncio.run(ask(lambda d: {"all_attestations": d["model_attestations"]}))
    assert flat.signing_address == nested.signing_address == provider.enclave.address


def test_of_several_machines_the_first_that_holds_is_taken(provider: Provider) -> None:
    bad = {"signing_public_key": "04" + provider.enclave.report(MODEL, bytes(32))[
        "model_attestations"][0]["signing_public_key"]}  # fmt: skip

    async def ask(change: Any) -> Enclave:
        async with httpx.AsyncClient(transport=reports(provider, change)) as http:
            return await Attestor(provider.base, provider.policy(), http).enclave(MODEL)

    def two(document: Any) -> Any:
        good = document["model_attestations"][0]
        stale = {**good, **bad, "request_nonce": "11" * 32}
        return {"model_attestations": [stale, good]}

    assert asyncio.run(ask(two)).signing_address == provider.enclave.address


def test_nobody_there(provider: Provider) -> None:
    assert refusal("http://127.0.0.1:1/v1", provider.policy()).reason == errors.REPORT_UNAVAILABLE
    lost = provider.policy(collateral_url="http://127.0.0.1:1/pccs")
    assert refusal(provider.base, lost).reason == errors.COLLATERAL_UNAVAILABLE
    assert refusal(provider.base, provider.policy(), model="unknown").reason == errors.NO_ENCLAVE


def test_services_that_never_answer(provider: Provider) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        origin = f"http://127.0.0.1:{silent.getsockname()[1]}"
        policy = provider.policy(timeout_s=0.3, collateral_url=f"{origin}/pccs")
        assert refusal(provider.base, policy).reason == errors.COLLATERAL_UNAVAILABLE
        assert refusal(f"{origin}/v1", policy).reason == errors.REPORT_UNAVAILABLE


def test_messages_end_with_what_to_do(provider: Provider) -> None:
    provider.enclave.fault = "revoked"
    refused = refusal(provider.base, provider.policy())
    assert str(refused).endswith(f"[revoked]; {errors.FIXES[errors.REVOKED]}")


def test_claims_never_name_a_verified_gpu() -> None:
    claims = Claims("intel", "UpToDate", "UpToDate", "UpToDate", (), 18, {}, "x", "present", 0, 1)
    assert claims.to_wire()["gpu"] == "not verified"
    assert replace(claims, code="not verified").checked == claims.checked[:-1]
    assert not any("devnet" in left for left in claims.unchecked)
