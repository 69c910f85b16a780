// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

enum Kind { One, Two, Three }
type Price is uint64;

// Indexed values that are no words: only the hash of their contents is in the log.
contract Indexed {
    struct Small { uint8 a; bytes3 b; int16 c; bool d; address e; Kind k; Price p; }
    struct Text { string name; uint256 n; bytes data; }
    struct Deep { Small small; Text[] texts; uint16[2][] pairs; string[2] both; }

    event OfSmall(Small indexed s, uint256 plain);
    event OfText(Text indexed t, Text again) anonymous;
    event OfDeep(Deep indexed d);
    event OfArrays(uint8[2][] indexed a, string[] indexed b, bytes[2][] indexed c);
    event OfStructs(Small[] indexed list, Text[2] indexed pair, Deep[] indexed deep);
    event Four(string[] indexed a, Small indexed b, uint256[][] indexed c, bytes indexed d) anonymous;

    Small small;
    Text text;
    Text[2] pair;
    Deep deep;
    Deep[] many;
    uint8[2][] narrow;
    string[] names;
    bytes[2][] blobs;
    uint256[][] grid;

    function setSmall(Small calldata s) external { small = s; emit OfSmall(s, 1); emit OfSmall(small, 2); Small memory m = s; emit OfSmall(m, 3); }
    function setText(Text calldata t) external {
        text = Text(t.name, t.n, t.data);
        pair[t.n % 2] = text;
        emit OfText(t, text);
        emit OfText(text, t);
        emit OfText(Text(t.name, 3, "literal"), text);
    }
    function setDeep(Deep memory d) external {
        deep.small = d.small;
        delete deep.texts;
        for (uint256 i; i < d.texts.length; i++) deep.texts.push(d.texts[i]);
        delete deep.pairs;
        for (uint256 i; i < d.pairs.length; i++) deep.pairs.push(d.pairs[i]);
        deep.both = d.both;
        emit OfDeep(d);
        emit OfDeep(deep);
    }
    function deepCalldata(Deep calldata d) external { emit OfDeep(d); }
    function arrays(uint8[2][] calldata a, string[] calldata b, bytes[2][] memory c) external {
        delete narrow;
        for (uint256 i; i < a.length; i++) narrow.push(a[i]);
        delete names;
        for (uint256 i; i < b.length; i++) names.push(b[i]);
        delete blobs;
        for (uint256 i; i < c.length; i++) blobs.push(c[i]);
        emit OfArrays(a, b, c);
        emit OfArrays(narrow, names, blobs);
    }
    function structs(Small[] calldata list, Text[2] memory two) external {
        Deep[] memory made = new Deep[](2);
        made[1] = Deep(small, new Text[](1), new uint16[2][](2), ["first", "a second that is longer than a word is"]);
        made[1].pairs[1] = [uint16(1), 65535];
        emit OfStructs(list, two, made);
        emit OfStructs(list, pair, many);
        many.push();
        many[many.length - 1].small = small;
        many[many.length - 1].both[1] = two[0].name;
    }
    function four(string[] calldata a, uint256[][] calldata c, bytes calldata d) external {
        delete grid;
        for (uint256 i; i < c.length; i++) grid.push(c[i]);
        emit Four(a, small, c, d);
        emit Four(names, Small(1, "abc", -1, true, msg.sender, Kind.Two, Price.wrap(7)), grid, text.data);
    }
    function dirty(bytes calldata x, uint8 cut) external {
        // What lies behind the contents in memory is not hashed.
        bytes memory copy = x;
        assembly ("memory-safe") { if lt(cut, mload(copy)) { mstore(copy, cut) } }
        string[] memory list = new string[](2);
        (list[0], list[1]) = (string(copy), "end");
        emit Four(list, small, new uint256[][](1), copy);
    }
}
