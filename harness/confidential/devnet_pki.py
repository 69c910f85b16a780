"""The devnet's stand-in for Intel: a root made at start, and everything that hangs from it.

    root ─┬─ platform CA ── PCK certificate, which certifies the quoting enclave's reports
          ├─ TCB signer, which signs TCB info and the quoting enclave's identity
          └─ revocation lists of the root and of the platform CA

The shapes are Intel's (PCK certificate profile 1.05, TCB info version 3, enclave identity version 2), so
that the same verifier reads them. The keys live in this process only. Whoever trusts such a root trusts
this process: it is for devnets, and a verifier accepts it only where its policy names it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID

FMSPC = bytes.fromhex("00facade0000")
CPU_SVN = bytes([3, 3, 2, 2, 4, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0])
PCE_SVN = 11
TEE_TCB_SVN = bytes([6, 1, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])  # TDX module 1.6
QE_MR_SIGNER = bytes.fromhex("de" * 32)
QE_PRODUCT, QE_SVN = 2, 6
QE_ATTRIBUTES = bytes.fromhex("1500000000000000e700000000000000")

_SGX = "1.2.840.113741.1.13.1"
_YEARS = timedelta(days=3650)
_BEFORE = timedelta(days=1)
_COLLATERAL = timedelta(days=30)


@dataclass(frozen=True)
class Defects:
    """What is wrong with the collateral on purpose."""

    tcb_status: str = "UpToDate"
    qe_identity: str = ""  # "missing": the signer's document is not an identity; "wrong": another's
    expired: bool = False
    lists_expired: bool = False
    revoked: bool = False  # the PCK certificate, by the platform CA
    ca_revoked: bool = False  # the platform CA, by the root


def raw_signature(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """ECDSA with P-256 and SHA-256 as r and s of 32 bytes each."""
    r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


class DevnetPki:
    """A root, the certificates below it, and collateral in the shape of Intel's."""

    def __init__(self, now: datetime | None = None) -> None:
        self._now = (now or datetime.now(UTC)).replace(microsecond=0)
        self._root_key, self._ca_key, self._signer_key, self.pck_key = (
            ec.generate_private_key(ec.SECP256R1()) for _ in range(4)
        )
        self.root = self._certificate("Facetworks Devnet Root CA", self._root_key, None, ca=True)
        self._ca = self._certificate(
            "Facetworks Devnet PCK Platform CA", self._ca_key, self.root, ca=True
        )
        self._signer = self._certificate(
            "Facetworks Devnet TCB Signing", self._signer_key, self.root
        )
        self.pck = self._certificate(
            "Facetworks Devnet PCK Certificate", self.pck_key, self._ca, sgx=_sgx_extension()
        )

    @property
    def root_der(self) -> bytes:
        """What a policy names to trust this devnet."""
        return self.root.public_bytes(serialization.Encoding.DER)

    @property
    def pck_chain(self) -> bytes:
        """PCK, platform CA and root as PEM, as quotes carry them."""
        return _pem(self.pck, self._ca, self.root)

    @property
    def ca_chain(self) -> str:
        return _pem(self._ca, self.root).decode()

    @property
    def signer_chain(self) -> str:
        return _pem(self._signer, self.root).decode()

    def collateral(self, defects: Defects | None = None) -> dict[str, Any]:
        """Collateral as JSON that `dcap_qvl.QuoteCollateralV3.from_json` reads."""
        wrong = defects or Defects()
        tcb_info = _compact(self._tcb_info(wrong))
        identity = _compact(self._qe_identity(wrong))
        return {
            "pck_crl_issuer_chain": self.ca_chain,
            "root_ca_crl": self._crl(
                self.root,
                self._root_key,
                wrong.lists_expired,
                self._ca if wrong.ca_revoked else None,
            ).hex(),
            "pck_crl": self._crl(
                self._ca, self._ca_key, wrong.lists_expired, self.pck if wrong.revoked else None
            ).hex(),
            "tcb_info_issuer_chain": self.signer_chain,
            "tcb_info": tcb_info,
            "tcb_info_signature": raw_signature(self._signer_key, tcb_info.encode()).hex(),
            "qe_identity_issuer_chain": self.signer_chain,
            "qe_identity": identity,
            "qe_identity_signature": raw_signature(self._signer_key, identity.encode()).hex(),
        }

    # -- documents -----------------------------------------------------------------------------

    def _dates(self, expired: bool) -> tuple[datetime, datetime]:
        """When a document was issued and until when it holds."""
        issued = self._now - _BEFORE - (2 * _COLLATERAL if expired else timedelta())
        return issued, issued + _COLLATERAL

    def _tcb_info(self, wrong: Defects) -> dict[str, Any]:
        issued, until = self._dates(wrong.expired)
        return {
            "id": "TDX",
            "version": 3,
            "issueDate": _iso(issued),
            "nextUpdate": _iso(until),
            "fmspc": FMSPC.hex().upper(),
            "pceId": "0000",
            "tcbType": 0,
            "tcbEvaluationDataNumber": 18,
            "tdxModule": _MODULE,
            "tdxModuleIdentities": [
                {
                    "id": "TDX_01",
                    **_MODULE,
                    "tcbLevels": [_level({"isvsvn": TEE_TCB_SVN[0]}, "UpToDate", issued)],
                }
            ],
            "tcbLevels": [
                _level(
                    {
                        "sgxtcbcomponents": [{"svn": svn} for svn in CPU_SVN],
                        "pcesvn": PCE_SVN,
                        "tdxtcbcomponents": [{"svn": svn} for svn in TEE_TCB_SVN],
                    },
                    wrong.tcb_status,
                    issued,
                )
            ],
        }

    def _qe_identity(self, wrong: Defects) -> dict[str, Any]:
        if wrong.qe_identity == "missing":
            return {}
        issued, until = self._dates(wrong.expired)
        signer = bytes(32) if wrong.qe_identity == "wrong" else QE_MR_SIGNER
        return {
            "id": "TD_QE",
            "version": 2,
            "issueDate": _iso(issued),
            "nextUpdate": _iso(until),
            "tcbEvaluationDataNumber": 18,
            "miscselect": "00000000",
            "miscselectMask": "FFFFFFFF",
            "attributes": "11000000000000000000000000000000",
            "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000",
            "mrsigner": signer.hex().upper(),
            "isvprodid": QE_PRODUCT,
            "tcbLevels": [_level({"isvsvn": QE_SVN}, "UpToDate", issued)],
        }

    def _crl(
        self,
        issuer: x509.Certificate,
        key: ec.EllipticCurvePrivateKey,
        expired: bool,
        revoked: x509.Certificate | None,
    ) -> bytes:
        issued, until = self._dates(expired)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(issuer.subject)
            .last_update(issued)
            .next_update(until)
            .add_extension(x509.CRLNumber(1), critical=False)
            .add_extension(_authority(issuer), critical=False)
        )
        if revoked is not None:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(revoked.serial_number)
                .revocation_date(issued)
                .build()
            )
        return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _certificate(
        self,
        name: str,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Certificate | None,
        *,
        ca: bool = False,
        sgx: bytes | None = None,
    ) -> x509.Certificate:
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.COMMON_NAME, name),
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Facetworks devnet, not Intel"),
            ]
        )
        signing = self._ca_key if issuer is not None and issuer != self.root else self._root_key
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject if issuer is None else issuer.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - 90 * _BEFORE)
            .not_valid_after(self._now + _YEARS)
            .add_extension(x509.BasicConstraints(ca, None), critical=True)
            .add_extension(_usage(ca), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        if issuer is not None:
            builder = builder.add_extension(_authority(issuer), critical=False)
        if sgx is not None:
            builder = builder.add_extension(
                x509.UnrecognizedExtension(x509.ObjectIdentifier(_SGX), sgx), critical=False
            )
        return builder.sign(signing, hashes.SHA256())


_MODULE = {"mrsigner": "00" * 48, "attributes": "00" * 8, "attributesMask": "FF" * 8}


def _level(tcb: dict[str, Any], status: str, issued: datetime) -> dict[str, Any]:
    return {"tcb": tcb, "tcbDate": _iso(issued), "tcbStatus": status, "advisoryIDs": []}


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _compact(document: dict[str, Any]) -> str:
    return json.dumps(document, separators=(",", ":"))


def _pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)


def _authority(issuer: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=ca,
        crl_sign=ca,
        encipher_only=False,
        decipher_only=False,
    )


# -- the extension that says what a processor is -------------------------------------------------


def _sgx_extension() -> bytes:
    """PPID, TCB, PCE id, FMSPC and kind, as a PCK certificate carries them."""
    components = [
        _pair(f"{_SGX}.2.{number}", _integer(svn)) for number, svn in enumerate(CPU_SVN, start=1)
    ]
    tcb = [
        *components,
        _pair(f"{_SGX}.2.17", _integer(PCE_SVN)),
        _pair(f"{_SGX}.2.18", _tlv(0x04, CPU_SVN)),
    ]
    return _sequence(
        _pair(f"{_SGX}.1", _tlv(0x04, bytes(16))),
        _pair(f"{_SGX}.2", _sequence(*tcb)),
        _pair(f"{_SGX}.3", _tlv(0x04, bytes(2))),
        _pair(f"{_SGX}.4", _tlv(0x04, FMSPC)),
        _pair(f"{_SGX}.5", _tlv(0x0A, b"\x01")),
        _pair(f"{_SGX}.6", _tlv(0x04, bytes(16))),
    )


def _tlv(tag: int, value: bytes) -> bytes:
    size = len(value)
    if size < 0x80:
        return bytes([tag, size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + value


def _sequence(*parts: bytes) -> bytes:
    return _tlv(0x30, b"".join(parts))


def _integer(value: int) -> bytes:
    return _tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _pair(oid: str, value: bytes) -> bytes:
    return _sequence(_oid(oid), value)


def _oid(dotted: str) -> bytes:
    first, second, *rest = (int(part) for part in dotted.split("."))
    encoded = bytearray([40 * first + second])
    for number in rest:
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        encoded += bytes(reversed(digits))
    return _tlv(0x06, bytes(encoded))
