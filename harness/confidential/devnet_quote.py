"""Quotes of a devnet's simulated trust domain: TDX, version 4, byte for byte as hardware writes them.

header 48 │ TD report 584 │ length │ signature 64 │ attestation key 64 │ certification data:
    the quoting enclave's report 384, signed by the PCK key 64, its 32 bytes of data, the PCK chain
"""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from harness.confidential.devnet_pki import (
    QE_ATTRIBUTES,
    QE_MR_SIGNER,
    QE_PRODUCT,
    QE_SVN,
    TEE_TCB_SVN,
    DevnetPki,
    raw_signature,
)

_INTEL = bytes.fromhex("939a7233f79c4ca9940a0db3957f0607")
_TDX, _ECDSA_P256 = 0x81, 2
_QE_REPORT, _PCK_CHAIN = 6, 5
_SEPT_VE_DISABLE, _DEBUG = 1 << 28, 1
_XFAM = bytes.fromhex("e702060000000000")


@dataclass(frozen=True)
class TrustDomain:
    """What the quote says about the code that runs, 48 bytes a register."""

    mr_td: bytes = hashlib.sha384(b"facetworks devnet trust domain").digest()
    mr_config_id: bytes = bytes(48)
    rt_mr: tuple[bytes, bytes, bytes, bytes] = (bytes(48),) * 4
    debug: bool = False


def make_quote(pki: DevnetPki, report_data: bytes, domain: TrustDomain | None = None) -> bytes:
    """A quote over 64 bytes of report data, certified by the devnet's PCK key."""
    header = struct.pack("<HHIHH", 4, _ECDSA_P256, _TDX, 0, 0) + _INTEL + bytes(20)
    signed = header + _td_report(report_data, domain or TrustDomain())
    key = ec.generate_private_key(ec.SECP256R1())
    public = key.public_key().public_bytes(
        serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
    )[1:]
    extra = bytes(range(32))
    report = _qe_report(hashlib.sha256(public + extra).digest())
    certified = (
        report
        + raw_signature(pki.pck_key, report)
        + struct.pack("<H", len(extra))
        + extra
        + struct.pack("<HI", _PCK_CHAIN, len(pki.pck_chain))
        + pki.pck_chain
    )
    auth = (
        raw_signature(key, signed) + public + struct.pack("<HI", _QE_REPORT, len(certified))
    ) + certified
    return signed + struct.pack("<I", len(auth)) + auth


def _td_report(report_data: bytes, domain: TrustDomain) -> bytes:
    if len(report_data) != 64:
        raise ValueError(f"report data has 64 bytes, got {len(report_data)}")
    attributes = _SEPT_VE_DISABLE | (_DEBUG if domain.debug else 0)
    return b"".join(
        (
            TEE_TCB_SVN,
            bytes(48),  # MRSEAM
            bytes(48),  # signer of the TDX module: zero for Intel's
            bytes(8),  # SEAM attributes
            attributes.to_bytes(8, "little"),
            _XFAM,
            domain.mr_td,
            domain.mr_config_id,
            bytes(48),  # owner
            bytes(48),  # owner's configuration
            *domain.rt_mr,
            report_data,
        )
    )


def _qe_report(key_hash: bytes) -> bytes:
    return b"".join(
        (
            bytes(16),  # CPU SVN
            bytes(4),  # MISCSELECT
            bytes(28),
            QE_ATTRIBUTES,
            bytes(32),  # MRENCLAVE
            bytes(32),
            QE_MR_SIGNER,
            bytes(96),
            struct.pack("<HH", QE_PRODUCT, QE_SVN),
            bytes(60),
            key_hash + bytes(32),
        )
    )
