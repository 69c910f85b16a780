// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title The proxy of a token-bound account (ERC-6551)
/// @notice Runtime code is 173 bytes: an ERC-1167 proxy (45 bytes, the implementation at byte 10) followed by
/// abi.encode(salt, chainId, tokenContract, tokenId). Creation code puts ten bytes in front of it.
library LibAccountProxy {
    uint256 internal constant CODE_SIZE = 173;

    bytes10 private constant CREATION = 0x3d60ad80600a3d3981f3;
    bytes10 private constant HEAD = 0x363d3d373d3d3d363d73;
    bytes15 private constant TAIL = 0x5af43d82803e903d91602b57fd5bf3;

    function creationCode(
        address implementation,
        bytes32 salt,
        uint256 chainId,
        address tokenContract,
        uint256 tokenId
    ) internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                CREATION, HEAD, implementation, TAIL, abi.encode(salt, chainId, tokenContract, tokenId)
            );
    }

    /// @dev CREATE2 from `registry` (EIP-1014).
    function addressOf(address registry, bytes32 salt, bytes32 creationCodeHash) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encodePacked(bytes1(0xff), registry, salt, creationCodeHash)))));
    }

    /// @dev Returns the address, or zero when creation failed.
    function create(bytes32 salt, bytes memory code) internal returns (address account) {
        assembly ("memory-safe") {
            account := create2(0, add(code, 0x20), mload(code), salt)
        }
    }

    /// @dev The token an account is bound to, from the end of its code; zeros for code that is no such proxy.
    function tokenOf(address account)
        internal
        view
        returns (uint256 chainId, address tokenContract, uint256 tokenId)
    {
        if (account.code.length != CODE_SIZE) return (0, address(0), 0);
        bytes memory footer = new bytes(96);
        assembly ("memory-safe") {
            extcodecopy(account, add(footer, 0x20), 0x4d, 0x60)
        }
        uint256 word;
        (chainId, word, tokenId) = abi.decode(footer, (uint256, uint256, uint256));
        tokenContract = address(uint160(word));
    }

    /// @dev Whether `account` is a proxy to `implementation`, byte for byte.
    function isProxyTo(address account, address implementation) internal view returns (bool) {
        if (account.code.length != CODE_SIZE) return false;
        bytes memory code = new bytes(45);
        assembly ("memory-safe") {
            extcodecopy(account, add(code, 0x20), 0, 0x2d)
        }
        return keccak256(code) == keccak256(abi.encodePacked(HEAD, implementation, TAIL));
    }
}
