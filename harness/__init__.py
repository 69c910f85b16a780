"""Facetworks off-chain library: chain access, Diamond clients, services and commands."""

import os
from importlib.util import find_spec

# eth_hash takes pycryptodome first, which needs six times as long for a short input as the other
# library it knows. It reads this when something is hashed for the first time.
if find_spec("sha3") is not None:
    os.environ.setdefault("ETH_HASH_BACKEND", "pysha3")
