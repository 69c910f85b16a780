// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {LibLock} from "../libraries/LibLock.sol";
import {LibToken} from "../libraries/LibToken.sol";
import {ILedgerEvents} from "../interfaces/ILedgerEvents.sol";
import {IErrors} from "../interfaces/IErrors.sol";

/// @title The movements of LibToken as functions, to be cut into a diamond under test
contract LedgerProbeFacet is IErrors, ILedgerEvents {
    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function probePullExact(address token, address from, uint256 amount, uint8 bucket) external nonReentrant {
        LibToken.pullExact(token, from, amount, bucket);
    }

    function probePullDelta(address token, address from, uint256 amount, uint8 bucket)
        external
        nonReentrant
        returns (uint256)
    {
        return LibToken.pullDelta(token, from, amount, bucket);
    }

    function probePush(address token, address to, uint256 amount, uint8 bucket) external nonReentrant {
        LibToken.push(token, to, amount, bucket);
    }

    function probePushOrOwe(address token, address to, uint256 amount, uint8 bucket)
        external
        nonReentrant
        returns (bool)
    {
        return LibToken.pushOrOwe(token, to, amount, bucket);
    }

    function probeRelay(address token, address from, address to, uint256 amount) external nonReentrant {
        LibToken.relay(token, from, to, amount);
    }

    function probeMove(address token, uint8 from, uint8 to, uint256 amount) external nonReentrant {
        LibToken.move(token, from, to, amount);
    }
}
