"""How fast the market is, each figure beside its reference in the same run."""
