"""Signing and recovering on secp256k1: libsecp256k1 (coincurve), eth-keys around it, and eth-keys' own arithmetic."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from eth_keys.backends.coincurve import CoinCurveECCBackend
from eth_keys.datatypes import PrivateKey, Signature

from harness.protocol.secp256k1 import InPython, Libsecp256k1

ROUNDS, SECONDS = 5, 0.1
SECRET, DIGEST = b"\x11" * 32, b"\x22" * 32

Pair = tuple[Callable[[], object], Callable[[], object]]


def main() -> str:
    signature = Libsecp256k1(SECRET).sign(DIGEST)
    wrapped = CoinCurveECCBackend()
    held = PrivateKey(SECRET, backend=wrapped)
    libsecp, in_python = Libsecp256k1(SECRET), InPython(SECRET)
    ways: dict[str, Pair] = {
        "libsecp256k1": (
            lambda: libsecp.sign(DIGEST),
            lambda: Libsecp256k1.recover(DIGEST, signature),
        ),
        "eth-keys around libsecp256k1": (
            lambda: held.sign_msg_hash(DIGEST).to_bytes(),
            lambda: Signature(signature, backend=wrapped).recover_public_key_from_msg_hash(DIGEST),
        ),
        "eth-keys in Python": (
            lambda: in_python.sign(DIGEST),
            lambda: InPython.recover(DIGEST, signature),
        ),
    }
    taken = _measured(ways)
    first = taken["libsecp256k1"]
    lines = [f"{'secp256k1, microseconds':<32}{'sign':>10}{'ratio':>8}{'recover':>10}{'ratio':>8}"]
    for name, (sign, recover) in taken.items():
        lines.append(
            f"{name:<32}{sign:>10.0f}{sign / first[0]:>8.1f}{recover:>10.0f}{recover / first[1]:>8.1f}"
        )
    return "\n".join(lines)


def _measured(ways: dict[str, Pair]) -> dict[str, tuple[float, float]]:
    """Microseconds of each, medians of rounds that take turns."""
    found: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in ways}
    for _ in range(ROUNDS):
        for name, pair in ways.items():
            for times, work in zip(found[name], pair, strict=True):
                times.append(_microseconds(work))
    return {name: (statistics.median(s), statistics.median(r)) for name, (s, r) in found.items()}


def _microseconds(work: Callable[[], object]) -> float:
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < SECONDS:
        work()
        count += 1
    return elapsed / count * 1e6
