"""The chain seam: the only room that talks to an EVM or a node."""
