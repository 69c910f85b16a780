"""How an enclave's signature over an answer travels."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

TEE_SIGNATURE = "X-Halo-TEE-Signature"


def attestation_header(attestation: Mapping[str, Any] | None) -> dict[str, str]:
    """X-Halo-TEE-Signature: base64 of {text, signature, signing_address}; nothing where there is none."""
    if attestation is None:
        return {}
    text = json.dumps(dict(attestation)).encode()
    return {TEE_SIGNATURE: base64.b64encode(text).decode()}
