// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// Assembly that looks at the free-memory pointer without `mload`, in functions that allocate nothing.
contract PointerReads {
    function returned() external pure {
        assembly { return(0x40, 0x20) }
    }

    function returnedInPart() external pure {
        assembly ("memory-safe") { return(0x5f, 0x02) }
    }

    function reverted() external pure {
        assembly { revert(0x20, 0x40) }
    }

    function logged() external {
        assembly { log1(0x40, 0x20, 7) }
    }

    function handed() external view {
        assembly {
            if iszero(staticcall(gas(), 4, 0x40, 0x20, 0, 0)) { invalid() }
            returndatacopy(0, 0, 0x20)
            return(0, 0x20)
        }
    }

    function created(uint8 start) external returns (bool failed) {
        assembly { failed := iszero(create(0, add(0x40, and(start, 0x0f)), 0x20)) }
    }

    function atAnyAddress(uint8 start, uint8 size) external pure {
        assembly { return(start, size) }
    }

    function hashed() external pure returns (bytes32 hash) {
        assembly { hash := keccak256(0x3f, 0x21) }
    }

    function overwritten(uint256 word, bool whole) external pure {
        assembly {
            mstore(0x30, word)
            if whole { mstore(0x50, word) }
            return(0x20, 0x60)
        }
    }

    function calldataOverIt() external pure {
        assembly {
            calldatacopy(0x20, 4, calldatasize())
            return(0, calldatasize())
        }
    }

    function inAFunction(bool now_) external pure returns (uint256) {
        if (now_) _end();
        return 3;
    }

    function _end() private pure {
        assembly { return(0x40, 0x20) }
    }
}

contract PointerInFallback {
    fallback() external {
        assembly { return(0x40, 0x20) }
    }
}

contract PointerBehindTwoAnswers {
    function sizeOfAnotherAnswer(uint8 size) external view {
        assembly {
            returndatacopy(0, 0, returndatasize())
            if iszero(staticcall(gas(), 4, 0x60, add(size, 0x60), 0, 0)) { invalid() }
            return(0, returndatasize())
        }
    }
}
