"""Decimal text <-> base units. No floats anywhere; more digits than the unit has is an error."""

from __future__ import annotations

import re
from dataclasses import dataclass

_AMOUNT = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_DURATION = re.compile(r"([0-9]+)([smhd]?)")
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True)
class Unit:
    """A token's unit: symbol and number of decimals."""

    symbol: str
    decimals: int

    def parse(self, text: str) -> int:
        """`0.02` -> base units; ValueError for signs, exponents, blanks or too many digits."""
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise ValueError(f"not an amount of {self.symbol}: {text!r}")
        whole, fraction = match.group(1), match.group(2) or ""
        if len(fraction) > self.decimals:
            raise ValueError(f"{self.symbol} has {self.decimals} decimals, {text} has more")
        return int(whole + fraction.ljust(self.decimals, "0"))

    def show(self, amount: int) -> str:
        """Base units -> the shortest exact decimal with the symbol: `0.02 $LH`."""
        sign = "-" if amount < 0 else ""
        digits = str(abs(amount)).rjust(self.decimals + 1, "0")
        whole, fraction = digits[: -self.decimals or None], digits[len(digits) - self.decimals :]
        fraction = fraction.rstrip("0") if self.decimals else ""
        return f"{sign}{whole}{'.' + fraction if fraction else ''} {self.symbol}"


CREDITS = Unit("$LH", 18)
DOLLARS = Unit("USD", 6)
ETHER = Unit("ETH", 18)


def parse_seconds(text: str) -> int:
    """`30s`, `5m`, `1h`, `7d` or plain seconds -> seconds."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(f"not a duration: {text!r}; write 30s, 5m, 1h or 7d")
    return int(match.group(1)) * _SECONDS[match.group(2)]
