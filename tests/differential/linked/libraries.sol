// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

enum Rank { Low, Middle, High }
type Units is uint64;
struct Entry { uint128 amount; Rank rank; string note; }
interface Named { function name() external view returns (string memory); }

// Called by others through the chain: pure, view and changing functions, with every kind of parameter.
library Ledger {
    struct Book { mapping(address => Entry) entries; address[] holders; uint256 total; Inner inner; }
    struct Inner { uint8 small; uint16[3] fixedList; bytes data; }

    event Put(address indexed who, uint128 amount, Rank rank);
    error Refused(address who, string why);

    function put(Book storage book, address who, Entry memory entry) external returns (uint256 count, Rank before) {
        if (entry.amount == 0) revert Refused(who, entry.note);
        require(bytes(entry.note).length < 35, "note too long");
        before = book.entries[who].rank;
        book.entries[who] = entry;
        book.holders.push(who);
        book.total += entry.amount;
        emit Put(who, entry.amount, entry.rank);
        return (book.holders.length, before);
    }
    function find(Book storage book, address who) external view returns (Entry memory) { return book.entries[who]; }
    function entryOf(Book storage book, address who) public view returns (Entry storage) { return book.entries[who]; }
    function parts(Book storage book) public view returns (Inner storage, address[] storage list) { list = book.holders; return (book.inner, list); }
    function touch(Inner storage self, uint8 x, uint16[3] calldata list, bytes calldata data) external returns (bytes memory) {
        self.small = x;
        self.fixedList = list;
        self.data = bytes.concat(self.data, data);
        return self.data;
    }
    function sender() external view returns (address, address, uint256) { return (msg.sender, address(this), address(this).balance); }
    function worth() external returns (uint256) { return msg.value; }
    function both(mapping(address => Entry) storage entries, uint256[] storage list, address who) external returns (uint256[] storage) {
        list.push(entries[who].amount);
        delete entries[who];
        return list;
    }
    function twice(uint256 x) public pure returns (uint256) { return 2 * x; }
    function four(uint256 x) external pure returns (uint256) { return twice(twice(x)); }
    function bump(uint256[] storage list, uint256 at) public returns (uint256) { list[at]++; return own(list); }
    function own(uint256[] storage list) internal view returns (uint256) { return list.length; }
    function selectors() external pure returns (bytes4, bytes4) { return (Ledger.put.selector, Ledger.touch.selector); }
}

library Words {
    using Ledger for uint256[];

    function join(string memory a, string calldata b, Units u) external pure returns (string memory, Units) { return (string.concat(a, b), Units.wrap(Units.unwrap(u) + 1)); }
    function rank(Rank r, Named[] memory list, Rank[] calldata ranks) external view returns (Rank, Named) {
        return (ranks.length > 0 ? ranks[0] : r, list.length > 0 ? list[list.length - 1] : Named(address(this)));
    }
    function fails(uint256 kind) external pure returns (uint256) {
        if (kind == 1) revert("words");
        if (kind == 2) revert Ledger.Refused(address(1), "through words");
        if (kind == 3) assert(false);
        if (kind == 4) { uint256 zero; return 1 / zero; }
        return kind;
    }
    function through(uint256[] storage list, uint256 x) external returns (uint256) {
        list.push(Ledger.four(x));
        return list.bump(list.length - 1);
    }
    function self() external pure returns (uint256) { return 42; }
}

contract Linked {
    using Ledger for Ledger.Book;
    using Ledger for Ledger.Inner;
    using Ledger for uint256;
    using {Words.through} for uint256[];
    using Words for string;

    uint256 guard = 11;
    Ledger.Book book;
    Ledger.Book[2] more;
    uint256[] list;
    uint256 trace;
    mapping(uint256 => uint256[]) lists;

    constructor() payable { list.push(Ledger.twice(21)); }

    function put(uint8 where, Entry calldata entry) external payable returns (uint256, Rank) {
        Ledger.Book storage chosen = where == 0 ? book : more[where % 2];
        return chosen.put(msg.sender, entry);
    }
    function putMemory(uint128 amount, uint8 rank) external returns (uint256 n, Rank r) {
        Entry memory entry = Entry(amount, Rank(rank % 3), "from memory");
        (n, r) = Ledger.put(book, address(this), entry);
        more[1].put(msg.sender, book.find(address(this)));
    }
    function find(address who) external view returns (Entry memory, Entry memory) { return (book.find(who), Ledger.find(more[1], who)); }
    function change(uint128 amount) external returns (uint128) {
        Entry storage entry = book.entryOf(msg.sender);
        entry.amount += amount;
        (Ledger.Inner storage inner, address[] storage holders) = book.parts();
        inner.small = uint8(holders.length);
        holders.push(address(9));
        return book.entries[msg.sender].amount + book.inner.small;
    }
    function touch(uint8 x, uint16[3] calldata l, bytes memory data) external returns (bytes memory, uint16) { return (book.inner.touch(x, l, data), book.inner.fixedList[2]); }
    function context() external payable returns (address, address, uint256, uint256) {
        (address who, address here, uint256 balance) = Ledger.sender();
        return (who, here, balance, Ledger.worth());
    }
    function both(address who) external returns (uint256 length, uint256 last) {
        uint256[] storage same = Ledger.both(book.entries, list, who);
        same.push(7);
        return (list.length, list[list.length - 2]);
    }
    function attached(uint256 x) external returns (uint256, uint256, uint256) { return ((x % 1000).twice().four(), list.through(x), lists[x].through(x) + Words.self()); }
    function strings(string calldata a, string memory b, uint64 u) external pure returns (string memory joined, Units next) {
        (joined, next) = a.join(b, Units.wrap(u));
        (joined, next) = b.join(joined, next);
    }
    function enums(uint8 r, address[] calldata who, uint8[] calldata ranks) external view returns (Rank, Named) {
        Named[] memory names = new Named[](who.length);
        Rank[] memory given = new Rank[](ranks.length);
        for (uint256 i; i < who.length; i++) names[i] = Named(who[i]);
        for (uint256 i; i < ranks.length; i++) given[i] = Rank(ranks[i]);
        return Words.rank(Rank(r), names, given);
    }
    function caught(uint256 kind) external view returns (uint256 x, bytes memory data) {
        try Words.fails(kind % 6) returns (uint256 y) { x = y; }
        catch Error(string memory why) { data = bytes(why); }
        catch Panic(uint256 code) { x = code; }
        catch (bytes memory rest) { data = rest; }
    }
    function uncaught(uint256 kind) external pure returns (uint256) { return Words.fails(kind % 6); }
    function note(uint256 x) private returns (uint256) { trace = trace * 10 + x % 10; return x; }
    function order() external returns (uint256, uint256) { (uint256[] storage l) = lists[note(3)]; l.push(1); return (Ledger.bump(lists[note(3)], note(4) - 4), trace); }

    // Direct calls: what changes state answers to nobody at its own address.
    function direct(bytes4 selector, uint256 a, uint256 b) external returns (bool ok, bytes memory data) { (ok, data) = address(Ledger).call(abi.encodePacked(selector, a, b)); }
    function directPut(uint256 a) external returns (bool ok, bytes memory data) { (ok, data) = address(Ledger).call(abi.encodeWithSelector(Ledger.bump.selector, a, a)); }
    function directPure(uint256 a) external returns (bool ok, bytes memory data) { (ok, data) = address(Ledger).call(abi.encodeWithSelector(Ledger.four.selector, a)); }
    function directView() external returns (bool ok, bytes memory data) { (ok, data) = address(Ledger).call(abi.encodeWithSelector(Ledger.sender.selector)); }
    function directValue() external payable returns (bool ok, bytes memory data) { (ok, data) = address(Words).call{value: msg.value}(abi.encodeWithSelector(Words.self.selector)); }
    function inAssembly(uint256 shift) external pure returns (uint256 r) { address at = address(Ledger); assembly { r := shl(mod(shift, 9), at) } }
    function delegated(uint256 slot, uint256 x) external returns (bool ok, bytes memory data) { (ok, data) = address(Words).delegatecall(abi.encodeWithSelector(Words.through.selector, slot % 20, x)); }
    function shortData(uint8 cut) external returns (bool ok, bytes memory data) {
        bytes memory call_ = abi.encodeWithSelector(Ledger.bump.selector, uint256(9), uint256(0));
        assembly { mstore(call_, mod(cut, 70)) }
        (ok, data) = address(Ledger).delegatecall(call_);
    }
    function selectors() external pure returns (bytes4, bytes4, bytes4, bytes4) { (bytes4 a, bytes4 b) = Ledger.selectors(); return (a, b, Words.rank.selector, Ledger.both.selector); }
}

contract Maker {
    Linked public made;
    function make() external returns (uint256) { made = new Linked(); return type(Linked).creationCode.length > 100 ? made.uncaught(5) : 0; }
}
