"""Facetworks off-chain library: chain access, Diamond clients, services and commands."""

import os
from importlib.util import find_spec

# Every signature here hashes five or six short texts, and eth-hash prefers the slower of its two
# libraries: about 20 µs a hash against 3 µs. It reads its choice once, when it is first imported.
if find_spec("sha3") is not None:
    os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
