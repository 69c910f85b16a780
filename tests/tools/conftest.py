"""The samples hold tests of their own, for the tools to run."""

collect_ignore = ["ape", "forge", "hardhat"]
