// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ISigDeployer} from "./interfaces/ISigDeployer.sol";

/// @title SigDeployer: documented at ISigDeployer
/// @dev An ERC-6492 signature names the address and the calldata of a call its verifier should make. Made by the
/// diamond, that call could spend its tokens or the allowances users gave it. This contract has no storage, no
/// balance, no allowance and no role anywhere, so whatever it is made to call, nobody has trusted it with anything.
contract SigDeployer is ISigDeployer {
    function deploy(address factory, bytes calldata data) external returns (bool success) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            calldatacopy(free, data.offset, data.length)
            success := call(gas(), factory, 0, free, data.length, 0, 0)
        }
    }
}
