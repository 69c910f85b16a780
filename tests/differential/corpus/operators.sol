// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

type Wad is uint256;
type Tiny is int8;
type Tag is bytes4;
type Owner is address;
type Flag is bool;

using {addWad as +, subWad as -, mulWad as *, divWad as /, modWad as %, eqWad as ==, neWad as !=, ltWad as <, gtWad as >, leWad as <=, geWad as >=} for Wad global;
using {negTiny as -, subTiny as -, notTiny as ~, orTiny as |, andTiny as &, xorTiny as ^, negTiny, Tinies.twice} for Tiny global;
using {eqTag as ==, orTag as |} for Tag global;
using {eqOwner as ==} for Owner global;
using {xorFlag as ^, notFlag as ~} for Flag global;

uint256 constant ONE = 1e18;
Wad constant HALF = Wad.wrap(ONE / 2);
error TooSmall(Wad a, Wad b);

function addWad(Wad a, Wad b) pure returns (Wad) { return Wad.wrap(Wad.unwrap(a) + Wad.unwrap(b)); }
function subWad(Wad a, Wad b) pure returns (Wad) { if (a < b) revert TooSmall(a, b); unchecked { return Wad.wrap(Wad.unwrap(a) - Wad.unwrap(b)); } }
function mulWad(Wad a, Wad b) pure returns (Wad) { return Wad.wrap(Wad.unwrap(a) * Wad.unwrap(b) / ONE); }
function divWad(Wad a, Wad b) pure returns (Wad) { return Wad.wrap(Wad.unwrap(a) * ONE / Wad.unwrap(b)); }
function modWad(Wad a, Wad b) pure returns (Wad) { return Wad.wrap(Wad.unwrap(a) % Wad.unwrap(b)); }
function eqWad(Wad a, Wad b) pure returns (bool) { return Wad.unwrap(a) == Wad.unwrap(b); }
function neWad(Wad a, Wad b) pure returns (bool) { return !(a == b); }
function ltWad(Wad a, Wad b) pure returns (bool) { return Wad.unwrap(a) < Wad.unwrap(b); }
function gtWad(Wad a, Wad b) pure returns (bool) { return b < a; }
function leWad(Wad a, Wad b) pure returns (bool) { return !(a > b); }
function geWad(Wad a, Wad b) pure returns (bool) { return !(a < b); }

function negTiny(Tiny a) pure returns (Tiny) { return Tiny.wrap(-Tiny.unwrap(a)); }
function subTiny(Tiny a, Tiny b) pure returns (Tiny) { return Tiny.wrap(Tiny.unwrap(a) - Tiny.unwrap(b)); }
function notTiny(Tiny a) pure returns (Tiny) { return Tiny.wrap(~Tiny.unwrap(a)); }
function orTiny(Tiny a, Tiny b) pure returns (Tiny) { return Tiny.wrap(Tiny.unwrap(a) | Tiny.unwrap(b)); }
function andTiny(Tiny a, Tiny b) pure returns (Tiny) { return Tiny.wrap(Tiny.unwrap(a) & Tiny.unwrap(b)); }
function xorTiny(Tiny a, Tiny b) pure returns (Tiny) { return (a | b) & ~(a & b); }
function eqTag(Tag a, Tag b) pure returns (bool) { return Tag.unwrap(a) == Tag.unwrap(b); }
function orTag(Tag a, Tag b) pure returns (Tag) { return Tag.wrap(Tag.unwrap(a) | Tag.unwrap(b)); }
function eqOwner(Owner a, Owner b) pure returns (bool) { return Owner.unwrap(a) == Owner.unwrap(b); }
function xorFlag(Flag a, Flag b) pure returns (Flag) { return Flag.wrap(Flag.unwrap(a) != Flag.unwrap(b)); }
function notFlag(Flag a) pure returns (Flag) { return Flag.wrap(!Flag.unwrap(a)); }

library Tinies {
    function twice(Tiny a) internal pure returns (Tiny) { return a - -a; }
}

struct Account { Wad balance; Tiny mood; Owner owner; }

contract Operators {
    mapping(address => Account) accounts;
    Wad[] history;
    Tiny[5] moods;
    uint256 trace;
    Wad public immutable start;
    event Moved(Wad indexed amount, Tiny mood);

    constructor(uint128 x) { start = Wad.wrap(x) + HALF; }

    function arithmetic(Wad a, Wad b) external pure returns (Wad, Wad, Wad) { return (a + b, a - b, a * b + HALF); }
    function division(Wad a, Wad b) external pure returns (Wad, Wad) { return (a / b, a % b - HALF); }
    function compare(Wad a, Wad b) external pure returns (bool[6] memory) { return [a == b, a != b, a < b, a > b, a <= b, a >= b]; }
    function precedence(Wad a, Wad b, Wad c) external pure returns (bool) { return a + b * c == c * b + a && !(a + b < a || a % (b + HALF) > b); }
    function unary(Tiny a, Tiny b) external pure returns (Tiny, Tiny, Tiny, Tiny) { return (-a, ~b, - -a - b, -~a.twice().negTiny()); }
    function bits(Tiny a, Tiny b) external pure returns (Tiny, Tiny, Tiny) { return (a | b, a & b, a ^ b ^ a); }
    function tags(Tag a, Tag b) external pure returns (bool, Tag) { return (a == b, a | b | Tag.wrap("abcd")); }
    function owners(Owner a) external view returns (bool) { return a == Owner.wrap(msg.sender); }
    function flags(Flag a, Flag b) external pure returns (Flag) { return ~(a ^ b) ^ a; }

    function note(uint256 x) private returns (Wad) { trace = trace * 10 + x; return Wad.wrap(x); }
    function order() external returns (Wad r, uint256 seen) { r = note(1) + note(2) * note(3) - note(4); seen = trace; }
    function short(Wad a) external returns (bool r, uint256 seen) { r = a < note(5) && note(6) > a || a == note(7); seen = trace; }

    function stored(Wad amount, Tiny mood) external returns (Wad, Tiny) {
        Account storage account = accounts[msg.sender];
        account.balance = account.balance + amount;
        account.mood = account.mood - mood;
        account.owner = Owner.wrap(msg.sender);
        history.push(account.balance - amount);
        moods[history.length % 5] = ~account.mood;
        emit Moved(account.balance, moods[history.length % 5]);
        return (history[history.length - 1] + start, moods[1] ^ moods[2]);
    }
    function conditional(bool c, Wad a, Wad b) external pure returns (Wad) { return (c ? a : b) + (a > b ? a - b : b - a); }
    function unchecked_(Wad a, Wad b) external pure returns (Wad) { unchecked { return a + b; } }
    function loop(uint8 n) external pure returns (Wad sum) { for (Wad i = Wad.wrap(0); i < Wad.wrap(n % 20); i = i + Wad.wrap(1)) sum = sum + i * i; }
}

interface Ranked {}

contract Member is Ranked {}

// Contracts are in the order of their addresses.
contract Ranking {
    function compared(Member a, Member b, Ranked c) external view returns (bool, bool, bool, bool) {
        return (a < b, a >= b, c > a, this <= Ranking(address(b)));
    }

    function sorted(Member[] memory list) external pure returns (Member[] memory) {
        for (uint256 i = 1; i < list.length; i++) {
            for (uint256 j = i; j > 0 && list[j - 1] > list[j]; j--) (list[j - 1], list[j]) = (list[j], list[j - 1]);
        }
        return list;
    }
}
