// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title An account that answers every callback by calling everything
/// @notice Doors are calls that must be refused with `Reentrancy` while somebody is inside; what answered otherwise is
/// a leak. Guests are calls that may do as they like. A token's callback arrives at the fallback, an identity's at its
/// own function.
contract HostileTrap {
    bytes4 private constant REENTRANCY = bytes4(keccak256("Reentrancy()"));

    address private _target;
    bytes[] private _doors;
    bytes[] private _guests;
    bool private _busy;
    uint256 private _springs;
    /// @dev Index of the door, and the first four bytes it answered; ones for a door that let it in.
    uint256[] private _leaks;

    error Refused(bytes answer);

    fallback() external {
        _spring();
    }

    function setTarget(address target) external {
        _target = target;
    }

    function addDoors(bytes[] calldata doors) external {
        for (uint256 i = 0; i < doors.length; i++) {
            _doors.push(doors[i]);
        }
    }

    function setGuests(bytes[] calldata guests) external {
        delete _guests;
        for (uint256 i = 0; i < guests.length; i++) {
            _guests.push(guests[i]);
        }
    }

    /// @dev One call as this account, its failure passed on.
    function act(address target, bytes calldata data) external returns (bytes memory) {
        (bool ok, bytes memory answer) = target.call(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }

    /// @dev Several calls in one transaction, each allowed to fail.
    function acts(address target, bytes[] calldata calls) external returns (bool[] memory oks, bytes[] memory answers) {
        oks = new bool[](calls.length);
        answers = new bytes[](calls.length);
        for (uint256 i = 0; i < calls.length; i++) {
            (oks[i], answers[i]) = target.call(calls[i]);
        }
    }

    function onERC721Received(address, address, uint256, bytes calldata) external returns (bytes4) {
        _spring();
        return 0x150b7a02;
    }

    function report() external view returns (uint256 springs, uint256[] memory leaks) {
        return (_springs, _leaks);
    }

    function _spring() private {
        // What a guest sets off is not answered again.
        if (_busy) return;
        _busy = true;
        _springs += 1;
        for (uint256 i = 0; i < _doors.length; i++) {
            (bool ok, bytes memory answer) = _target.call(_doors[i]);
            bytes4 word = ok ? bytes4(0xffffffff) : bytes4(answer);
            if (word != REENTRANCY) _leaks.push((i << 32) | uint256(uint32(word)));
        }
        for (uint256 i = 0; i < _guests.length; i++) {
            (bool ok,) = _target.call(_guests[i]);
            ok;
        }
        _busy = false;
    }
}
