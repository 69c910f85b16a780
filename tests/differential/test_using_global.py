"""`using … global` goes with its type through imports, whatever name it is imported under."""

from __future__ import annotations

from tests.differential.builds import build_both
from tests.differential.explore import explore

PRAGMA = "// SPDX-License-Identifier: MIT\npragma solidity ^0.8.20;\n"
SOURCES = {
    "money.sol": PRAGMA + """
        import {scale as hidden} from "free.sol";
        type Money is uint128;
        struct Purse { Money held; uint64 moves; }
        enum Mood { Calm, Cross }
        using {plus as +, less as -, same as ==, hidden, Monies.half} for Money global;
        using Purses for Purse global;
        using {flip} for Mood global;
        function plus(Money a, Money b) pure returns (Money) { return Money.wrap(Money.unwrap(a) + Money.unwrap(b)); }
        function less(Money a, Money b) pure returns (Money) { return Money.wrap(Money.unwrap(a) - Money.unwrap(b)); }
        function same(Money a, Money b) pure returns (bool) { return Money.unwrap(a) == Money.unwrap(b); }
        function flip(Mood m) pure returns (Mood) { return m == Mood.Calm ? Mood.Cross : Mood.Calm; }
        library Monies { function half(Money a) internal pure returns (Money) { return Money.wrap(Money.unwrap(a) / 2); } }
        library Purses {
            function put(Purse storage self, Money amount) internal returns (Purse storage) {
                self.held = self.held + amount;
                self.moves++;
                return self;
            }
        }
    """,
    "free.sol": PRAGMA + """
        import {Money as Coin} from "money.sol";
        function scale(Coin c, uint8 by) pure returns (Coin) { return Coin.wrap(Coin.unwrap(c) * by); }
    """,
    "shop.sol": PRAGMA + """
        import * as m from "money.sol";
        import {Mood as Temper} from "money.sol";
        abstract contract Shop {
            m.Purse internal purse;
            function plus(uint256) external virtual returns (uint256);
            function hidden(m.Money) internal pure returns (uint256) { return 1; }
            function pay(m.Money a, uint8 by, Temper t) external returns (m.Money, uint64, Temper, bool) {
                purse.put(a).put(a.hidden(by) - a.half());
                return (purse.held + a, purse.moves, t.flip(), a == a.half() + a.half());
            }
        }
    """,
    "end.sol": PRAGMA + """
        import "shop.sol";
        contract End is Shop {
            function plus(uint256 x) external override returns (uint256) {
                purse.put(purse.held);
                return x + purse.moves;
            }
        }
    """,
}  # fmt: skip


def test_both_pipelines_agree() -> None:
    for via_ir in (True, False):
        pairs = build_both(SOURCES, via_ir=via_ir).pairs
        assert "end.sol:End" in pairs
        explore(pairs["end.sol:End"])
