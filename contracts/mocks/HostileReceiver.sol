// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title An ERC-721 receiver whose behaviour can be chosen, with a call of its own on the way
contract HostileReceiver {
    uint8 private constant ACCEPT = 0;
    uint8 private constant WRONG_MAGIC = 1;
    uint8 private constant REVERT_EMPTY = 2;
    uint8 private constant REVERT_WITH_REASON = 3;

    error Unwanted(uint256 tokenId);

    uint8 private _mode;
    address private _target;
    bytes private _payload;
    bool private _called;
    bool private _callOk;
    bytes private _callAnswer;

    function setMode(uint8 mode) external {
        _mode = mode;
    }

    function setCall(address target, bytes calldata payload) external {
        _target = target;
        _payload = payload;
    }

    function lastCall() external view returns (bool called, bool ok, bytes memory answer) {
        return (_called, _callOk, _callAnswer);
    }

    function onERC721Received(address, address, uint256 tokenId, bytes calldata) external returns (bytes4) {
        if (_target != address(0)) {
            _called = true;
            (_callOk, _callAnswer) = _target.call(_payload);
        }
        if (_mode == REVERT_WITH_REASON) revert Unwanted(tokenId);
        if (_mode == REVERT_EMPTY) {
            assembly ("memory-safe") {
                revert(0, 0)
            }
        }
        return _mode == WRONG_MAGIC ? bytes4(0xdeadbeef) : bytes4(0x150b7a02);
    }
}
