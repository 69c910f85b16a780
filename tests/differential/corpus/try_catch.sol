// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

error Closed(uint256 hour, string note);
error Bare();

struct Pair { uint128 low; uint128 high; }

// What a try meets: every way to fail, and every shape of data.
contract Target {
    uint256 public calls;

    function word(uint256 x) external returns (uint256) { calls++; return x; }
    function nothing(bool works) external { calls++; require(works, "no"); }
    function pairs(uint256 n) external pure returns (Pair[] memory list, string memory name) {
        require(n < 5);
        list = new Pair[](n);
        for (uint256 i; i < n; i++) list[i] = Pair(uint128(i), uint128(n));
        name = n == 4 ? "a name of more than thirty-two bytes, so two words" : "short";
    }
    function fails(uint256 kind, uint256 x) external payable returns (uint256) {
        uint256[] memory empty;
        if (kind == 0) revert();
        if (kind == 1) revert("plain");
        if (kind == 2) revert("a message of more than thirty-two bytes, in two words");
        if (kind == 3) assert(x == 1);
        if (kind == 4) return x - type(uint256).max;
        if (kind == 5) return 1 / (x - x);
        if (kind == 6) return empty[x];
        if (kind == 7) revert Closed(x, "closed");
        if (kind == 8) revert Bare();
        if (kind == 9) assembly { invalid() }
        if (kind == 10) revert("");
        return msg.value;
    }
    function says(bytes calldata data, bool works) external pure returns (uint256, bool) {
        assembly {
            calldatacopy(0x80, data.offset, data.length)
            if works { return(0x80, data.length) }
            revert(0x80, data.length)
        }
    }
}

contract Child {
    uint256 public immutable value;
    constructor(uint256 x, string memory note) payable {
        require(x != 1, note);
        if (x == 2) revert Closed(x, note);
        value = 10 / (x % 7);
    }
}

contract Catcher {
    Target target;
    uint256 total;
    bytes last;
    event Caught(string clause, bytes data);

    constructor() payable { target = new Target(); }

    function kinds(uint256 kind, uint256 x) external returns (uint256 value, uint256 clause, bytes memory data) {
        try target.fails(kind % 13, x) returns (uint256 given) {
            (value, clause) = (given, 1);
        } catch Error(string memory reason) {
            (clause, data) = (2, bytes(reason));
        } catch Panic(uint256 code) {
            (clause, value) = (3, code);
        } catch (bytes memory rest) {
            (clause, data) = (4, rest);
        }
        total += clause;
        last = data;
        emit Caught("kinds", data);
    }

    function errorAlone(uint256 kind) external returns (string memory text) {
        try target.fails(kind % 13, 0) { text = "fine"; } catch Error(string memory reason) { text = reason; }
    }

    function panicAlone(uint256 kind) external returns (uint256 found) {
        try target.fails(kind % 13, 0) { found = 1000; } catch Panic(uint256 code) { found = code; }
    }

    function bareOnly(uint256 kind) external returns (bool failed, uint256 seen) {
        try target.fails(kind % 13, 2) returns (uint256) {} catch { failed = true; }
        seen = target.calls();
    }

    function panicBeforeError(uint256 kind) external returns (uint256) {
        try target.fails(kind % 13, 3) returns (uint256 x) { return x; }
        catch Panic(uint256 code) { return code + 1000; }
        catch Error(string memory reason) { return bytes(reason).length + 2000; }
        catch { return 3000; }
    }

    // Anything may come back: results too short or out of range revert here and are not caught.
    function hostileResult(bytes calldata data) external view returns (uint256 a, bool b, uint256 clause) {
        try target.says(data, true) returns (uint256 x, bool y) { (a, b, clause) = (x, y, 1); }
        catch { clause = 2; }
    }

    function hostileWords(uint256 x, uint256 y, uint8 cut) external view returns (uint256 a, bool b) {
        bytes memory data = abi.encode(x, y);
        assembly { mstore(data, mod(cut, 70)) }
        try target.says(data, true) returns (uint256 p, bool q) { (a, b) = (p, q); } catch { a = 7; }
    }

    function hostileFailure(bytes calldata data) external view returns (bytes memory, uint256) {
        return this.sort(data);
    }

    function sort(bytes calldata data) external view returns (bytes memory, uint256) {
        try target.says(data, false) returns (uint256, bool) { return ("", 0); }
        catch Error(string memory reason) { return (bytes(reason), 1); }
        catch Panic(uint256 code) { return ("", code); }
        catch (bytes memory rest) { return (rest, 2); }
    }

    function fakeError(uint256 offset, uint256 length, bytes calldata tail, uint8 cut) external view returns (bytes memory, uint256) {
        return this.sort(_cut(abi.encodePacked(bytes4(0x08c379a0), offset % 100, length % 80, tail), cut));
    }

    function farError(uint256 offset, uint256 length, bytes calldata tail) external view returns (bytes memory, uint256) {
        return this.sort(abi.encodePacked(bytes4(0x08c379a0), offset, length, tail));
    }

    function fakePanic(uint256 code, uint8 cut) external view returns (bytes memory, uint256) {
        return this.sort(_cut(abi.encodePacked(bytes4(0x4e487b71), code, uint64(9)), cut));
    }

    function fakeWithoutRest(uint256 offset, uint256 length, uint8 cut) external view returns (bytes memory, uint256) {
        bytes memory data = _cut(abi.encodePacked(bytes4(0x08c379a0), offset % 70, length % 40, bytes32("text")), cut);
        try target.says(data, false) { return ("", 0); } catch Error(string memory reason) { return (bytes(reason), 1); }
    }

    function _cut(bytes memory data, uint256 cut) private pure returns (bytes memory) {
        if (cut < data.length) assembly { mstore(data, cut) }
        return data;
    }

    // What comes back stays usable: memory behind the message is free again.
    function twoMessages(uint256 kind) external returns (string memory both) {
        string memory first;
        string memory second;
        try target.fails(kind % 3, 0) {} catch Error(string memory reason) { first = reason; } catch { first = "none"; }
        bytes memory between = new bytes(40);
        between[39] = "x";
        try target.fails(2, 0) {} catch Error(string memory reason) { second = reason; }
        both = string.concat(first, "|", second, "|", string(between));
    }

    function decoded(uint256 n) external view returns (uint256 sum, string memory text) {
        try target.pairs(n % 7) returns (Pair[] memory list, string memory name) {
            for (uint256 i; i < list.length; i++) sum += list[i].low + list[i].high;
            text = name;
        } catch { text = "too many"; }
    }

    function noCode(address nobody) external returns (uint256 clause) {
        try Target(nobody).nothing(true) { clause = 1; } catch { clause = 2; }
    }

    function noCodeWithResult(address nobody) external returns (uint256 clause) {
        try Target(nobody).word(3) returns (uint256) { clause = 1; } catch { clause = 2; }
    }

    function options(uint256 amount, bool starve) external payable returns (uint256 got, uint256 clause) {
        if (starve) {
            try target.fails{gas: 0}(12, 0) returns (uint256 x) { (got, clause) = (x, 1); } catch (bytes memory data) { (got, clause) = (data.length, 2); }
        } else {
            try target.fails{value: amount}(12, 0) returns (uint256 x) { (got, clause) = (x, 3); } catch { clause = 4; }
        }
    }

    function create(uint256 x, string calldata note, uint256 amount) external payable returns (uint256 value, bytes memory data) {
        try new Child{value: amount}(x, note) returns (Child child) { value = child.value(); }
        catch Error(string memory reason) { data = bytes(reason); }
        catch Panic(uint256 code) { value = code + 100; }
        catch (bytes memory rest) { (value, data) = (1000, rest); }
    }

    function createTwice(bytes32 salt, uint256 x) external returns (bool first, bool second) {
        try new Child{salt: salt}(x, "salted") returns (Child child) { first = child.value() > 0; } catch {}
        try new Child{salt: salt}(x, "salted") returns (Child) { second = true; } catch {}
    }

    function nested(uint256 outer, uint256 inner) external returns (string memory) {
        try target.fails(outer % 13, 5) returns (uint256) {
            try target.fails(inner % 13, 5) returns (uint256) { return "both"; }
            catch Error(string memory reason) { return string.concat("inner ", reason); }
        } catch Error(string memory reason) {
            try target.fails(inner % 13, 6) returns (uint256) { return string.concat("outer ", reason); }
            catch Error(string memory other) { return string.concat(reason, other); }
            catch Panic(uint256) { revert Closed(inner, reason); }
        } catch {
            require(inner % 2 == 0, "odd");
            return "other";
        }
    }

    function loop(uint256 seed, uint256 count) external returns (uint256 sum, uint256 steps) {
        for (uint256 i; i < count % 9; i++) {
            steps++;
            try target.fails((seed + i) % 13, i) returns (uint256 x) {
                if (x == i) continue;
                sum += 1;
            } catch Error(string memory reason) {
                if (bytes(reason).length == 5) { sum += 10; continue; }
                sum += 100;
            } catch Panic(uint256 code) {
                if (code == 0x12) break;
                sum += code * 1000;
                continue;
            } catch (bytes memory data) {
                if (data.length == 4) return (sum, 99);
                sum += 1_000_000;
            }
            sum *= 2;
        }
        steps += 1000;
    }

    modifier guarded(uint256 kind) {
        try target.fails(kind % 13, 1) returns (uint256) { _; } catch Panic(uint256 code) { total = code; _; total++; } catch { total = 1; }
    }

    function inModifier(uint256 kind) external guarded(kind) guarded(kind + 1) returns (uint256) { total += 5; return total; }

    function reentered(uint256 depth) external returns (uint256) {
        total = depth;
        if (depth == 0) revert Bare();
        try this.reentered(depth % 5 - (depth % 5 == 0 ? 0 : 1)) returns (uint256 below) { return below + 1; }
        catch (bytes memory data) { return total * 100 + data.length; }
    }

    function order(uint256 x) external returns (uint256 seen) {
        try this.keep{value: _note(1), gas: gasleft() - _note(2)}(_note(x % 10), _note(4)) returns (uint256 y) { seen = y; } catch { seen = last.length; }
    }

    function keep(uint256 a, uint256 b) external payable returns (uint256) { return a * 100 + b; }
    function _note(uint256 x) private returns (uint256) { last.push(bytes1(uint8(x))); return x; }
}

// In a constructor, and with an argument that fails before the call.
contract CatchingConstructor {
    uint256 public clause;
    string public reason;

    constructor(uint256 x, string memory note) {
        try new Child(x, note) returns (Child) { clause = 1; }
        catch Error(string memory text) { (clause, reason) = (2, text); }
        catch { clause = 3; }
    }

    function early(uint256 x) external returns (uint256) {
        try this.take(10 / x) returns (uint256 y) { return y; } catch { return 77; }
    }

    function take(uint256 x) external pure returns (uint256) { return x * 2; }
}

abstract contract Base {
    function risky(uint256 x) public virtual returns (uint256);
    function attempt(uint256 x) public returns (uint256 y) { try this.risky(x) returns (uint256 z) { y = z; } catch { y = 1; } }
}

contract Derived is Base {
    function risky(uint256 x) public pure override returns (uint256) { require(x % 3 != 0); return x; }
    function both(uint256 x) external returns (uint256, uint256) { return (attempt(x), super.attempt(x)); }
}
