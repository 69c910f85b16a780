"""Type-correct Solidity programs made at random, through the reference compiler and through ours."""
