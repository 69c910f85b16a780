// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import "./others.sol";

/// @notice Operands with effects in every construct. `t` changes everything that is read, so that whatever
/// is read, copied, converted or called in another order gives another digest.
contract Main is Effects {
    using Attached for uint256;
    using Attached for uint256[];
    using Attached for Point;

    function outer(Point memory x, uint256[] memory y, uint256 z, Deep memory w) public view returns (bytes32) {
        return keccak256(abi.encode(x, y, z, w, trace));
    }

    function inner(Point memory x, uint256[] memory y, uint256 z, Deep memory w) internal view returns (bytes32) {
        return keccak256(abi.encode(x, y, z, w, trace));
    }

    function paid(uint256 x) external payable returns (uint256) {
        trace = trace * 31 + x + msg.value;
        return x + msg.value;
    }

    // Arguments.

    function eventArguments() external returns (bytes32) {
        emit Plain(s, arr, t(1), d);
        return digest();
    }

    function indexedEventArguments() external returns (bytes32) {
        emit Indexed(s, arr, t(1), d);
        return digest();
    }

    function errorArguments() external {
        revert Refused(s, arr, t(1), d);
    }

    function requiredError() external {
        require(t(2) == 3, Refused(s, arr, t(1), d));
    }

    function encodeArguments() external returns (bytes32) {
        return keccak256(abi.encode(s, arr, t(1), d, t(2)));
    }

    function packedArguments() external returns (bytes32) {
        return keccak256(abi.encodePacked(arr, t(1), s.a, t(2), arr));
    }

    function selectorArguments() external returns (bytes32) {
        bytes memory x = abi.encodeWithSelector(bytes4(uint32(t(1))), t(2), s, t(3));
        return keccak256(abi.encode(x, digest()));
    }

    function externalArguments() external returns (bytes32) {
        return this.outer(s, arr, t(1), d);
    }

    function internalArguments() external returns (bytes32) {
        return inner(s, arr, t(1), d);
    }

    function creationArguments() external returns (bytes32) {
        return new Other(d, t(1)).digest();
    }

    function saltAndArguments() external returns (bytes32) {
        Other made = new Other{salt: bytes32(t(1)), value: t(2) - 2}(d, t(3));
        return keccak256(abi.encode(made.digest(), digest()));
    }

    function callOptions() external returns (bytes32) {
        uint256 x = this.paid{value: t(2) - 2, gas: t(1) + 500000}(t(3));
        return keccak256(abi.encode(x, digest()));
    }

    function tryArguments() external returns (bytes32) {
        try this.outer(s, arr, t(1), d) returns (bytes32 x) {
            return x;
        } catch {
            return 0;
        }
    }

    function encodeCallArguments() external returns (bytes32) {
        (bool ok, bytes memory r) = address(this).call(abi.encodeCall(this.outer, (s, arr, t(1), d)));
        return keccak256(abi.encode(ok, r, digest()));
    }

    function namedStructMembers() external returns (bytes32) {
        Point memory x = Point({b: t(1), a: t(2)});
        return keccak256(abi.encode(x, digest()));
    }

    function namedArguments() external returns (bytes32) {
        uint256 x = pair({b: t(1), a: t(2)});
        return keccak256(abi.encode(x, digest()));
    }

    function namedEvent() external returns (bytes32) {
        emit Named({d: t(1), c: d, b: raw, a: t(2)});
        return digest();
    }

    function namedError() external {
        revert NamedError({c: d, b: t(1), a: t(2)});
    }

    function namedRequired() external {
        require(t(2) == 3, NamedError({b: t(1), c: d, a: t(2)}));
    }

    function namedExternal() external returns (bytes32) {
        return this.outer({w: d, z: t(1), y: arr, x: s});
    }

    function namedCreation() external returns (bytes32) {
        return keccak256(abi.encode(new Other({x: t(1), deep: d}).digest(), new Bases({z: s, x: t(2)}).trace()));
    }

    function namedAttached() external returns (bytes32) {
        return keccak256(abi.encode(t(1).joined({c: t(2), b: t(3)}), digest()));
    }

    function attachedCopy() external returns (bytes32) {
        return keccak256(abi.encode(s.sum(t(1), s), s.sum({c: s, b: t(1)}), digest()));
    }

    function pointerCopy() external returns (bytes32) {
        function(Point memory, uint256[] memory, uint256, Deep memory) internal view returns (bytes32) f = inner;
        return f(s, arr, t(1), d);
    }

    function calldataCopy(uint256[] calldata x) external returns (bytes32) {
        return inner(s, x, t(1), d);
    }

    function callsWithCalldata() external returns (bytes32) {
        return this.calldataCopy(arr);
    }

    modifier copied(Point memory x, uint256 y, Point memory z) {
        trace = trace * 7 + x.a * y - z.b;
        _;
    }

    function modifierCopies() external copied(s, t(4), s) returns (bytes32) {
        return digest();
    }

    function copiedMember() external returns (bytes32) {
        Deep memory x = Deep(arr, t(1));
        return keccak256(abi.encode(x, digest()));
    }

    function modulus() external returns (bytes32) {
        return keccak256(abi.encode(addmod(t(1), t(2), t(3)), mulmod(low, t(4), t(5)), digest()));
    }

    function concatenation() external returns (bytes32) {
        bytes memory x = bytes.concat(raw, bytes1(uint8(t(65))), raw);
        return keccak256(abi.encode(x, digest()));
    }

    function pointerAndArgument() external returns (bytes32) {
        function(uint256, uint256) internal pure returns (uint256) f = pair;
        uint256 x = (t(1) == 1 ? f : f)(t(2), t(3));
        return keccak256(abi.encode(x, digest()));
    }

    function requiredMessage() external {
        require(t(1) == 2, string.concat(string(raw), string(abi.encode(t(2)))));
    }

    function revertMessage() external {
        revert(string(bytes.concat(raw, bytes32(t(2)), raw)));
    }

    function signatureArguments() external returns (bytes32) {
        return keccak256(abi.encodeWithSignature(string(raw), s, t(1), arr));
    }

    function recovered() external returns (bytes32) {
        address who = ecrecover(bytes32(t(1)), uint8(t(27)), bytes32(t(2)), bytes32(uint256(low)));
        return keccak256(abi.encode(who, digest()));
    }

    function lowLevelOptions() external returns (bytes32) {
        (bool ok, bytes memory r) =
            address(this).call{value: t(3) - 3, gas: 300000 + t(1)}(abi.encodeCall(this.paid, (t(2))));
        return keccak256(abi.encode(ok, r, digest()));
    }

    function lowLevelGasFirst() external returns (bytes32) {
        (bool ok, bytes memory r) =
            address(this).call{gas: 300000 + t(1), value: t(3) - 3}(abi.encodeCall(this.paid, (t(2))));
        return keccak256(abi.encode(ok, r, digest()));
    }

    function externalPointer() external returns (bytes32) {
        function(uint256) external payable returns (uint256) f = this.paid;
        uint256 x = (t(4) == 4 ? f : f){gas: 300000 + t(1), value: t(2) - 2}(t(3));
        return keccak256(abi.encode(x, digest()));
    }

    function addressOfCall() external returns (bytes32) {
        uint256 x = Main(address(uint160(t(1)) + uint160(address(this)) - 1)).paid{value: t(2) - 2}(t(3));
        return keccak256(abi.encode(x, digest()));
    }

    function payments() external returns (bytes32) {
        payable(address(uint160(t(9) << 20))).transfer(t(1) - 1);
        bool sent = payable(address(uint160(t(8) << 20))).send(t(2) - 2);
        return keccak256(abi.encode(sent, digest()));
    }

    function attachedArguments() external returns (bytes32) {
        uint256 x = t(1).joined(t(2), low);
        uint256 y = s.b.joined(t(3), s.a);
        return keccak256(abi.encode(x, y, digest()));
    }

    function attachedToStorage() external returns (bytes32) {
        uint256 x = nested[t(1)].pushed(t(2), arr);
        return keccak256(abi.encode(x, nested, digest()));
    }

    function userOperators() external returns (bytes32) {
        Price x = Price.wrap(t(1)) + Price.wrap(t(2)) + Price.wrap(low);
        bool y = Price.wrap(t(3)) < Price.wrap(s.a);
        return keccak256(abi.encode(x, y, digest()));
    }

    function baseConstructors() external returns (bytes32) {
        return keccak256(abi.encode(new Bases(t(1), s).trace(), digest()));
    }

    // Operators.

    function operators() external returns (bytes32) {
        uint256 x = t(1) + t(2) * t(3) ** t(4);
        bool y = t(5) < t(6) || t(7) > t(8);
        return keccak256(abi.encode(x, y, digest()));
    }

    function storageAndCall() external returns (bytes32) {
        uint256 x = s.a + t(1);
        uint256 y = t(2) + s.a;
        return keccak256(abi.encode(x, y, digest()));
    }

    function packedSlotAndCall() external returns (bytes32) {
        uint256 x = low + t(1) + low * high;
        high = low + uint64(t(2)) + high;
        return keccak256(abi.encode(x, digest()));
    }

    function assignmentInside() external returns (bytes32) {
        uint256 v = 1;
        uint256 x = v + (v = t(5)) + v;
        return keccak256(abi.encode(x, digest()));
    }

    function argumentAssigned() external returns (bytes32) {
        uint256 v = 1;
        uint256 x = pair(v, v = t(3));
        return keccak256(abi.encode(v, x, digest()));
    }

    function conditional() external returns (bytes32) {
        bool b = t(1) == 1;
        Point memory x = b ? s : points[t(2)];
        uint256 y = t(3);
        return keccak256(abi.encode(x, y, digest()));
    }

    function memoryReads() external returns (bytes32) {
        uint256[] memory x = new uint256[](3);
        uint256 y = x[tm(x, 1)] + tm(x, 2) + x[0];
        return keccak256(abi.encode(x, y, digest()));
    }

    function bytesElements() external returns (bytes32) {
        bytes1 x = raw[t(1)] | raw[t(2)];
        raw[t(3)] = raw[t(4)];
        return keccak256(abi.encode(x, digest()));
    }

    function slices() external returns (bytes32) {
        bytes memory x = msg.data[t(1):t(3)];
        bytes4 y = bytes4(msg.data[t(0):t(4)]);
        return keccak256(abi.encode(x, y, digest()));
    }

    function memberOfResult() external returns (bytes32) {
        Point memory x = Point(5, 6);
        uint256 y = changed(x, 1).a + changed(x, 2).a + x.b;
        return keccak256(abi.encode(x, y, digest()));
    }

    function changed(Point memory x, uint256 k) internal returns (Point memory) {
        x.a += t(k);
        x.b *= k + 1;
        return x;
    }

    function nestedIndices() external returns (bytes32) {
        uint256 x = nested[t(1)][t(3)] + nested[t(0)][t(2)];
        uint256 y = fixedPair[t(1)] ^ fixedPair[t(0)];
        return keccak256(abi.encode(x, y, digest()));
    }

    function shifts() external returns (bytes32) {
        uint256 x = low << t(3);
        uint256 y = t(200) >> low % 4;
        int256 z = -int256(t(7)) >> t(1);
        return keccak256(abi.encode(x, y, z, digest()));
    }

    function overflowOrIndex() external {
        uint8 x = uint8(t(200));
        arr[t(90)] = uint8(x + uint8(t(100)));
    }

    function divisionOrIndex() external {
        arr[t(90)] = t(1) / (t(2) - 2);
    }

    function conversionOrIndex() external {
        uint256[] memory x = new uint256[](1);
        x[t(1)] = arr[t(99)];
    }

    // Assignments.

    function indexAndValue() external returns (bytes32) {
        arr[t(1)] = t(2);
        return digest();
    }

    function compoundAssignment() external returns (bytes32) {
        arr[t(1)] += t(2);
        return digest();
    }

    function mappingKeys() external returns (bytes32) {
        m[t(1)][t(2)] = t(3);
        return keccak256(abi.encode(m[1][2], digest()));
    }

    function tupleTargets() external returns (bytes32) {
        (arr[t(1)], m[t(2)][t(3)]) = (t(4), t(5));
        return keccak256(abi.encode(m[2][3], digest()));
    }

    function unaries() external returns (bytes32) {
        arr[t(1)]++;
        --arr[t(2)];
        delete arr[t(3)];
        return digest();
    }

    function pushes() external returns (bytes32) {
        arr.push(t(1));
        arr.push() = t(2);
        nested[t(1)].push(t(3));
        nested.push().push(t(4));
        return keccak256(abi.encode(nested, digest()));
    }

    function pushedByte() external returns (bytes32) {
        texts.push(raw);
        texts.push("ab");
        texts[t(1)].push(texts[t(0)][t(2)]);
        texts[t(1) + 1].push(texts[t(0)][t(99)]);
        return digest();
    }

    function pushOfItself() external returns (bytes32) {
        arr.push(arr[t(1)]);
        arr.push() = arr.length;
        return digest();
    }

    function memoryTargets() external returns (bytes32) {
        uint256[] memory x = new uint256[](3);
        x[tm(x, 1)] = x[0] + tm(x, 2);
        x[tm(x, 0)] += tm(x, 1);
        return keccak256(abi.encode(x, digest()));
    }

    function chainedAssignment() external returns (bytes32) {
        uint256 v = 1;
        arr[v] = v = t(3);
        return keccak256(abi.encode(v, digest()));
    }

    function structTargets() external returns (bytes32) {
        points[t(1)] = Point(t(2), t(3));
        points.push(points[t(0)]);
        points[t(1)] = points[t(2)];
        return digest();
    }

    function compoundOfAssigned() external returns (bytes32) {
        uint256 v = 3;
        v += (v = t(2)) + v;
        arr[1] += (arr[1] = t(2)) + arr[1];
        return keccak256(abi.encode(v, digest()));
    }

    function increments() external returns (bytes32) {
        uint256 v = 3;
        uint256 w = v++ + v-- + ++v;
        arr[v] = v++;
        arr[v++] = v;
        return keccak256(abi.encode(v, w, digest()));
    }

    function wholeArrays() external returns (bytes32) {
        arr = nested[t(1)];
        nested[t(0)] = arr;
        fixedPair = [t(1), t(2)];
        return keccak256(abi.encode(nested, digest()));
    }

    function conditionalTarget() external returns (bytes32) {
        Point storage p = t(1) == 1 ? s : points[0];
        (t(2) == 3 ? points[1] : p).a = t(3) + p.a;
        return digest();
    }

    function deletedKeys() external returns (bytes32) {
        m[1][2] = 7;
        delete m[t(1)][t(2)];
        m[t(1)][m[1][2] + t(2)] |= t(3) + m[1][2];
        return keccak256(abi.encode(m[1][2], digest()));
    }

    function memoryMembers() external returns (bytes32) {
        Point[] memory x = new Point[](3);
        x[t(1)].a = t(2) + x[1].a;
        x[t(1)].a += x[1].a + t(3);
        x[t(0)] = x[t(1)];
        x[t(2)] = s;
        return keccak256(abi.encode(x, digest()));
    }

    function uncheckedCompound() external returns (bytes32) {
        unchecked {
            low -= uint64(t(30)) * low;
            high /= uint64(t(2)) + low % 3;
        }
        return digest();
    }

    function convertedBytes() external returns (bytes32) {
        bytes memory b = raw;
        bytes4 x;
        bytes8 y;
        (x, y) = (bytes4(b), bytes8(bytes32(changedBytes(b))));
        return keccak256(abi.encode(x, y, pair(uint32(bytes4(b)), uint256(changedBytes(b))), digest()));
    }

    function changedBytes(bytes memory b) internal returns (bytes32) {
        b[t(1)] = bytes1(uint8(t(70)));
        return bytes32(b);
    }

    function swapped() external returns (bytes32) {
        (arr[t(0)], arr[t(1)]) = (arr[t(1)], arr[t(0)]);
        (low, high) = (high, low + uint64(t(1)));
        return digest();
    }

    function skipped() external returns (bytes32) {
        uint256 x;
        (, x, ) = (t(1), t(2), t(3));
        (x, , arr[t(2)]) = (t(1), t(2), x);
        return keccak256(abi.encode(x, digest()));
    }

    // Literals, tuples, modifiers.

    function arrayLiteral() external returns (bytes32) {
        uint256[3] memory x = [t(1), t(2), t(3)];
        return keccak256(abi.encode(x, digest()));
    }

    function arrayOfStructs() external returns (bytes32) {
        Point[2] memory x = [s, Point(t(1), t(2))];
        return keccak256(abi.encode(x, digest()));
    }

    function tupleDeclaration() external returns (bytes32) {
        (Point memory x, uint256 y, Point memory z) = (s, t(1), s);
        return keccak256(abi.encode(x, y, z, digest()));
    }

    function tupleAssignment() external returns (bytes32) {
        Point memory x;
        uint256 y;
        (x, y) = (s, t(1));
        return keccak256(abi.encode(x, y, digest()));
    }

    function tupleOfAssigned() external returns (bytes32) {
        uint256 v = 1;
        (uint256 x, uint256 y) = (v, v = t(3));
        return keccak256(abi.encode(v, x, y, digest()));
    }

    function nestedTuple() external returns (bytes32) {
        uint256 x;
        uint256 y;
        (x, (y)) = (t(1), (t(2)));
        return keccak256(abi.encode(x, y, digest()));
    }

    function three() internal returns (Point memory, uint256, Deep memory) {
        return (s, t(1), d);
    }

    function returnedTuple() external returns (bytes32) {
        (Point memory x, uint256 y, Deep memory z) = three();
        return keccak256(abi.encode(x, y, z, digest()));
    }

    function storageTuple() external returns (bytes32) {
        (s, arr[t(1)], points[t(2)]) = (points[t(1)], t(3), s);
        return digest();
    }

    modifier mixed(uint256 a, uint256 b) {
        trace = trace * 7 + a - b;
        _;
    }

    function modifierArguments() external mixed(t(2), t(1)) mixed(s.a, t(3)) returns (bytes32) {
        return digest();
    }

    function returnAndFinally() public mixed(9, t(1)) returns (uint256 x, Point memory y) {
        return (t(1) + low, s);
    }

    function loops() external returns (bytes32) {
        uint256 x;
        for (uint256 i = t(0); i < t(3); i += t(1)) {
            if (i == 1) continue;
            x = x * 3 + t(i);
        }
        do {
            x++;
        } while (t(x % 5) < 4 && x < 100000);
        return keccak256(abi.encode(x, digest()));
    }
}
