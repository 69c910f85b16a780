// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title Whether code can hand its caller's storage to other code
/// @dev The EVM itself finds jump destinations by walking from the first byte and skipping push data, so the same walk
/// sees every instruction that can run: it follows another one, or it is a JUMPDEST. What lies behind an instruction
/// that ends a path, up to the next JUMPDEST, is data.
library LibCodeScan {
    uint8 private constant STOP = 0x00;
    uint8 private constant JUMP = 0x56;
    uint8 private constant JUMPDEST = 0x5b;
    uint8 private constant PUSH1 = 0x60;
    uint8 private constant PUSH32 = 0x7f;
    uint8 private constant CALLCODE = 0xf2;
    uint8 private constant RETURN = 0xf3;
    uint8 private constant DELEGATECALL = 0xf4;
    uint8 private constant REVERT = 0xfd;
    uint8 private constant INVALID = 0xfe;
    uint8 private constant SELFDESTRUCT = 0xff;
    /// @dev Begins a delegation (EIP-7702), whose target changes, or a format this walk does not know.
    uint8 private constant EF = 0xef;

    /// @dev False where a reachable DELEGATECALL, CALLCODE or SELFDESTRUCT is found, or the code is no plain code.
    function isPlain(address account) internal view returns (bool) {
        bytes memory code = account.code;
        if (code.length == 0 || uint8(code[0]) == EF) return false;
        bool reachable = true;
        for (uint256 at = 0; at < code.length; at++) {
            uint8 op = uint8(code[at]);
            if (op >= PUSH1 && op <= PUSH32) {
                at += op - PUSH1 + 1;
            } else if (op == JUMPDEST) {
                reachable = true;
            } else if (reachable) {
                if (op == DELEGATECALL || op == CALLCODE || op == SELFDESTRUCT) return false;
                if (op == STOP || op == JUMP || op == RETURN || op == REVERT || op == INVALID) reachable = false;
            }
        }
        return true;
    }
}
