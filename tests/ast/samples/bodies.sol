// SPDX-License-Identifier: MIT
pragma solidity ^0.8.26;

import {Tiny, Colour, IShape, Placed, Top, Places, Derived} from "./definitions.sol";

contract Bodies {
    uint256[] list;
    address[] owners;
    string label;
    uint256 constant SIZE = 2;
    uint256 immutable kept;
    function (uint256) external returns (uint256) outward;
    function (uint256) internal pure returns (uint256) inward;

    event Seen(uint256 indexed value);

    constructor() {
        kept = 3;
    }

    function control(uint256[] calldata input, uint256 a) public returns (uint256 b, bytes32, Colour c) {
        (b, , c) = (1, 2, Colour.Red);
        (, uint256 second, ) = (1, 2, 3);
        second;
        for (uint256 i = 0; i < input.length; i++) {
            b += input[i];
            if (i == 3) continue;
            else break;
        }
        for (uint8 i = 0; i < 300; i++) b++;
        for (uint256 i = 0; i < input.length; ++i) i = i + 1;
        for (uint256 i = 0; i < 10; i++) assembly { i := add(i, 1) }
        for (uint256 i = 0; i < 10; ) {
            unchecked {
                ++i;
            }
        }
        for (; ; ) return (b, 0, c);
        while (a > 0) a--;
        do {
            a |= 3;
        } while (a < 5);
        if (a > 1) if (a > 2) a = 3;
        else a = 4;
        /// said of the block
        {
            /** said of the return */
            return (a, bytes32(0), Colour(uint8(a)));
        }
    }

    function tries(uint256 a) public {
        try this.doubled{gas: 100}(a) returns (uint256 v) {
            a = v;
        } catch Error(string memory reason) {
            reason;
        } catch Panic(uint256 code) {
            a = code;
        } catch (bytes memory low) {
            low;
        }
        try new Placed{salt: bytes32(0), value: 1}(2) {} catch {}
    }

    function assembled(uint256[] calldata input, bytes memory data) public returns (uint256 a) {
        assembly ("memory-safe") {
            let x := add(a, 0x1f)
            let p, q
            function split(left, right) -> e, r {
                e := left
                r := right
                leave
            }
            p, q := split(1, 2)
            switch x
            case 0 { a := 1 }
            case "ab" { }
            default {
                for { let i := 0 } lt(i, 3) { i := add(i, 1) } {
                    if eq(i, 2) { break }
                    continue
                }
            }
            let y := add(list.slot, list.offset)
            y := sub(input.length, input.offset)
            pop(hex"00ff")
            pop(true)
            pop(SIZE)
            mstore(data, a)
        }
        /// @solidity memory-safe-assembly
        assembly {
            let where := outward.slot
            sstore(where, "a\x00b\u00fc")
        }
        assembly "evmasm" { }
    }

    function calls(address payable who, bytes memory data) public payable {
        (bool ok, bytes memory back) = who.call{value: 1 ether, gas: 2 days / 100}(
            abi.encodeWithSignature("f()", data)
        );
        (ok, back) = who.delegatecall(abi.encodeCall(IShape.draw, (1)));
        (ok, back) = address(this).staticcall(abi.encodeWithSelector(IShape.size.selector));
        ok = who.send(1 wei) || who.balance > 0 || who.code.length == 0;
        who.transfer(msg.value);
        bytes32 hash = keccak256(abi.encodePacked(data, hex"ff", unicode"é", bytes1(0x01)));
        hash = sha256(bytes("a"));
        (uint256 one, IShape.Size memory two, address three, uint256[] memory four) =
            abi.decode(data, (uint256, IShape.Size, address, uint256[]));
        (one, three) = (two.width, ecrecover(hash, 27, hash, bytes32(four[0])));
        address fixedOne = 0xdCad3a6d3569DF655070DEd06cb7A1b2Ccd1D3AF;
        fixedOne = payable(fixedOne);
        owners.push(fixedOne);
        address[] memory copied = owners;
        copied = new address[](SIZE);
        list.push(3);
        list.push() = 4;
        list.pop();
        revert Places.Nowhere(1e18);
    }

    function operators(uint256 a, int8 s, bytes4 f, bool ok) external pure returns (uint256) {
        a = a > 2 ? 1 : 0;
        a = ~a ** 2 << 3;
        a >>= 2;
        bool both = (!ok && (a >= 3 || ok)) != (f == 0x01020304);
        s = -s;
        Tiny t = Tiny.wrap(3);
        Tiny u = -(t + t).added(t);
        both = t == u;
        uint256 most = type(uint256).max;
        most = type(Colour).max == Colour.Red ? most : type(uint8).min;
        uint256[2] memory two = [uint256(1), SIZE];
        uint8[3] memory three = [1, 2, 3];
        return two[0] + three[1] + uint256(keccak256("x")) + addmod(1, 2, 3) + 7 / 2 * 2 + (1 << 200);
    }

    function names() external view returns (bytes4 selector, string memory text, bytes memory code) {
        selector = this.names.selector;
        selector = IShape.draw.selector;
        selector = Top.selector;
        bytes32 topic = Seen.selector;
        topic = blockhash(block.number - 1);
        code = type(Placed).creationCode;
        text = type(Bodies).name;
        selector = type(IShape).interfaceId;
        text = string.concat("a", label, "b");
        code = bytes.concat(bytes(text), topic, msg.data[4:], msg.sig);
        text = string(code);
        assert(gasleft() > tx.gasprice);
        require(true);
        require(true, "said");
        require(true, Top(1, payable(address(0))));
    }

    function pointers() external returns (uint256) {
        outward = this.doubled;
        inward = Places.next;
        inward = inner;
        function (uint256) internal pure returns (uint256) chosen = inward == inner ? inner : inward;
        function (uint256) external returns (uint256)[] memory many;
        many = new function (uint256) external returns (uint256)[](1);
        return chosen(3) + outward{gas: 3}(4) + uint160(outward.address) + outward.selector.length;
    }

    function doubled(uint256 a) public pure virtual returns (uint256) {
        return a * 2;
    }

    function over(uint256 a) public pure returns (uint256) {
        return a;
    }

    function over(address a) public pure returns (uint256) {
        over(3);
        over({a: a});
        return over(0x00);
    }

    function inner(uint256 a) internal pure returns (uint256) {
        return a;
    }

    function makes() external returns (Derived) {
        return new Derived();
    }
}
