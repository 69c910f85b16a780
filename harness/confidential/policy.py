"""What evidence has to show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from harness.errors import ConfigError

INTEL_PCS = "https://api.trustedservices.intel.com"
DEVNET_CHAINS = frozenset({31337})
ACCEPTED_STATUS = frozenset({"UpToDate", "SWHardeningNeeded"})

REGISTERS = (
    "mr_td",
    "mr_config_id",
    "mr_owner",
    "mr_owner_config",
    "rt_mr0",
    "rt_mr1",
    "rt_mr2",
    "rt_mr3",
)


@dataclass(frozen=True)
class Measurement:
    """One build of the provider's software: the registers it must show, and a name for people.

    A register that is not named may hold anything, so name all that pin the code: `mr_td` is the
    firmware, `rt_mr0` to `rt_mr2` the kernel and its arguments, `rt_mr3` or `mr_config_id` the
    containers, as the provider documents.
    """

    name: str
    registers: Mapping[str, bytes]

    @classmethod
    def parse(cls, text: str) -> Measurement:
        """`NAME:mr_td=<96 hex>,rt_mr3=<96 hex>`; ValueError when it is not that."""
        name, colon, rest = text.partition(":")
        if not colon or not name.strip():
            raise ValueError("a measurement is NAME:REGISTER=HEX,...")
        registers: dict[str, bytes] = {}
        for part in rest.split(","):
            register, _, digits = part.strip().partition("=")
            if register not in REGISTERS:
                raise ValueError(f"{register!r} is none of {', '.join(REGISTERS)}")
            value = bytes.fromhex(digits.removeprefix("0x"))
            if len(value) != 48:
                raise ValueError(f"{register} has 48 bytes, got {len(value)}")
            if register in registers:
                raise ValueError(f"{register} is given twice")
            registers[register] = value
        return cls(name.strip(), registers)

    def matches(self, shown: Mapping[str, bytes]) -> bool:
        return all(shown.get(register) == value for register, value in self.registers.items())


@dataclass(frozen=True)
class AttestationPolicy:
    """Whose word counts, and what it has to say. The default trusts Intel and pins no code.

    `devnet_root` replaces Intel's root by that of a simulated enclave (DER); ConfigError unless
    `chain_id` is a devnet's. `gpu` is "unverified" (said so in the claims) or "require", which refuses
    everything, because nothing here can check NVIDIA's evidence.
    """

    accepted_status: frozenset[str] = ACCEPTED_STATUS
    measurements: tuple[Measurement, ...] = ()
    gpu: str = "unverified"
    collateral_url: str = INTEL_PCS
    min_evaluation: int = 0  # smallest tcbEvaluationDataNumber of Intel's documents
    clock_skew_s: int = 300
    cache_s: int = 600
    timeout_s: float = 30.0
    devnet_root: bytes | None = field(default=None, repr=False)
    chain_id: int = 0

    def __post_init__(self) -> None:
        if self.devnet_root is not None and self.chain_id not in DEVNET_CHAINS:
            raise ConfigError(
                f"a devnet root of simulated enclaves is refused on chain {self.chain_id}; "
                "remove it, or use chain 31337"
            )
        if self.gpu not in ("unverified", "require"):
            raise ConfigError(f"gpu must be unverified or require, got {self.gpu!r}")
        if any(not m.registers for m in self.measurements):
            raise ConfigError("a measurement without registers would match any code; name some")
        unknown = self.accepted_status - _STATUSES
        if unknown:
            raise ConfigError(f"no TCB status: {', '.join(sorted(unknown))}")

    @classmethod
    def of(
        cls,
        chain_id: int,
        *,
        base_url: str = "",
        roots: Sequence[bytes] = (),
        measurements: Sequence[str] = (),
        **changes: Any,
    ) -> AttestationPolicy:
        """From configuration: `roots` are a devnet's (DER or PEM, one at most), `measurements` texts.

        A devnet's enclave at `base_url` has its collateral beside it. ConfigError says what is wrong.
        """
        if len(roots) > 1:
            raise ConfigError("at most one root replaces Intel's; name one")
        try:
            accepted = tuple(Measurement.parse(text) for text in measurements)
            root = _der(roots[0]) if roots else None
        except ValueError as bad:
            raise ConfigError(f"confidential mode: {bad}; correct the configuration") from None
        if root is not None and base_url:
            parts = urlsplit(base_url)
            changes = {"collateral_url": f"{parts.scheme}://{parts.netloc}/pccs"} | changes
        return cls(devnet_root=root, chain_id=chain_id, measurements=accepted, **changes)

    @property
    def root_name(self) -> str:
        return "intel" if self.devnet_root is None else "devnet"


def _der(data: bytes) -> bytes:
    """A root certificate, of either spelling; ValueError when it is none."""
    pem = data.lstrip().startswith(b"-----BEGIN")
    found = x509.load_pem_x509_certificate(data) if pem else x509.load_der_x509_certificate(data)
    return found.public_bytes(Encoding.DER)


# Revoked is not among them: no policy can accept it.
_STATUSES = frozenset(
    {
        "UpToDate",
        "SWHardeningNeeded",
        "ConfigurationNeeded",
        "ConfigurationAndSWHardeningNeeded",
        "OutOfDate",
        "OutOfDateConfigurationNeeded",
    }
)
