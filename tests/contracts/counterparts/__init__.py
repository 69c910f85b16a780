"""Contracts of others, as ours will meet them: a dollar and a smart wallet in Vyper, written from the EIPs.

They stand outside `contracts/` because nothing there may be deployed that is not ours: the compiler, the builders, the
layout check and the deploy plan all take that folder whole. A second language compiled by a second compiler also keeps
our own encodings, return values and digests honest: what both sides agree on is what the EIPs say.
"""
