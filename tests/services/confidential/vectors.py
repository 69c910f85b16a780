"""The recorded quotes and where their signed regions lie."""

from __future__ import annotations

import struct
from pathlib import Path

from harness.confidential.collateral import Collateral

FOLDER = Path(__file__).parent / "vectors"
QUOTE = (FOLDER / "tdx_quote.bin").read_bytes()
OUTDATED = (FOLDER / "tdx_quote_outdated.bin").read_bytes()
WITHIN = 1_750_400_000  # 2025-06-20, inside the collateral's dates
OUTDATED_WITHIN = 1_771_500_000  # 2026-02-19
FIRST, LAST = 1_750_329_147, 1_752_919_235  # the collateral's latest issue and earliest end


def collateral(name: str = "tdx_quote") -> Collateral:
    return Collateral.from_json((FOLDER / f"{name}.json").read_text())


def regions(quote: bytes) -> dict[str, range]:
    """Bytes whose change a signature must notice, by what they are."""
    certified = 636 + 64 + 64 + 6
    extra = certified + 384 + 64
    (size,) = struct.unpack_from("<H", quote, extra)
    return {
        "header": range(48),
        "TD report": range(48, 632),
        "quote signature": range(636, 700),
        "attestation key": range(700, 764),
        "QE report": range(certified, certified + 384),
        "QE report signature": range(certified + 384, extra),
        "QE authentication data": range(extra + 2, extra + 2 + size),
    }
