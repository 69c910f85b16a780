"""Libraries that much of the world's Solidity stands on, through this compiler and the reference's."""
