// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// Literals are encoded as the parameters of the function say.

interface Other {
    function f(bytes2 a, bytes4 b, uint8 c, string calldata d) external;
}

contract Exhibit {
    function literals() external pure returns (bytes memory) {
        return abi.encodeCall(Other.f, ("ab", hex"01020304", 7, "text"));
    }

    function short() external pure returns (bytes memory) {
        return abi.encodeCall(Other.f, ("", 0x00000001, 255, ""));
    }

    function taken(bytes2 a, bytes4 b, uint8 c, string calldata d) external view returns (bool, bytes memory) {
        return address(this).staticcall(abi.encodeCall(this.echo, (a, b, c, d)));
    }

    function echo(bytes2 a, bytes4 b, uint8 c, string calldata d) external pure returns (bytes memory) {
        return abi.encodePacked(a, b, c, d);
    }
}
