"""Policies that would accept too much are refused when they are made."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from harness.confidential.devnet_pki import DevnetPki
from harness.confidential.policy import AttestationPolicy, Measurement
from harness.errors import ConfigError

REGISTER = "ab" * 48


@pytest.mark.parametrize("chain_id", [0, 1, 8453, 84532])
def test_a_devnet_root_is_refused_outside_devnets(chain_id: int) -> None:
    with pytest.raises(ConfigError, match=f"chain {chain_id}"):
        AttestationPolicy(devnet_root=b"root", chain_id=chain_id)


def test_a_devnet_root_on_a_devnet() -> None:
    assert AttestationPolicy(devnet_root=b"root", chain_id=31337).root_name == "devnet"
    assert AttestationPolicy(chain_id=31337).root_name == "intel"
    assert "root" not in repr(AttestationPolicy(devnet_root=b"root", chain_id=31337))


def test_policies_that_mean_nothing() -> None:
    for change in (
        {"gpu": "yes"},
        {"measurements": (Measurement("any", {}),)},
        {"accepted_status": frozenset({"Revoked"})},
        {"accepted_status": frozenset({"uptodate"})},
    ):
        with pytest.raises(ConfigError):
            AttestationPolicy(**change)  # type: ignore[arg-type]


def test_measurements_are_read_from_text() -> None:
    found = Measurement.parse(f"v1: mr_td={REGISTER}, rt_mr3=0x{REGISTER}")
    assert found == Measurement("v1", {"mr_td": b"\xab" * 48, "rt_mr3": b"\xab" * 48})
    assert found.matches({"mr_td": b"\xab" * 48, "rt_mr3": b"\xab" * 48, "rt_mr0": b""})
    assert not found.matches({"mr_td": b"\xab" * 48})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "v1",
        ":mr_td=" + REGISTER,
        "v1:",
        "v1:mr_xx=" + REGISTER,
        "v1:mr_td=ab",
        "v1:mr_td=zz",
        f"v1:mr_td={REGISTER},mr_td={REGISTER}",
    ],
)
def test_texts_that_are_no_measurement(text: str) -> None:
    with pytest.raises(ValueError):
        Measurement.parse(text)


def test_policies_from_configuration() -> None:
    pki = DevnetPki()
    text = f"v1:mr_td={REGISTER}"
    pem = pki.root.public_bytes(Encoding.PEM)
    for root in (pki.root_der, pem):
        made = AttestationPolicy.of(31337, roots=[root], measurements=[text], cache_s=60)
        assert made.devnet_root == pki.root_der
        assert (made.measurements, made.cache_s) == ((Measurement.parse(text),), 60)
    assert AttestationPolicy.of(8453).root_name == "intel"
    with pytest.raises(ConfigError):
        AttestationPolicy.of(8453, roots=[pem])
    for wrong in ({"roots": [b"no"]}, {"roots": [pem, pem]}, {"measurements": ["v1"]}):
        with pytest.raises(ConfigError):
            AttestationPolicy.of(31337, **wrong)  # type: ignore[arg-type]
