"""The versions this compiler states."""

from __future__ import annotations

from compiler import __version__

LANGUAGE = "0.8.37"  # the Solidity whose meaning and outputs are followed
VERSION = f"{LANGUAGE}+soliditylite.{__version__}"
# For tools that look at `--version` to learn the language and take the rest apart in solc's way.
SOLC_SHAPED = f"{LANGUAGE}+commit.00000000.Linux.g++"
