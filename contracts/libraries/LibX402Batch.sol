// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IX402Facet} from "../interfaces/IX402Facet.sol";
import {Authorization} from "./LibAuthorization.sol";
import {LibToken} from "./LibToken.sol";
import {LibX402} from "./LibX402.sol";

/// @dev What stays the same over a batch. For plain batches `actuals` are the authorised values.
struct Batch {
    address token;
    bool strict;
    bool upto;
    uint256[] actuals;
    uint8[] results;
}

/// @title Settling many authorisations at once
/// @dev A run is a maximal stretch of neighbours with the same payer and payee. Its members are verified and marked
/// one by one, then moved by one transfer. When that transfer is refused, for instance because the payer can afford
/// some but not all, the run is taken back and settled one by one, which is what the outcome has to equal.
library LibX402Batch {
    function settleAll(Batch memory batch, Authorization[] calldata auths, bytes[] calldata signatures) internal {
        uint256 start = 0;
        while (start < auths.length) {
            uint256 end = start + 1;
            while (
                end < auths.length && auths[end].from == auths[start].from && auths[end].to == auths[start].to
            ) {
                end += 1;
            }
            _settleRun(batch, auths, signatures, start, end);
            start = end;
        }
    }

    function _settleRun(
        Batch memory batch,
        Authorization[] calldata auths,
        bytes[] calldata signatures,
        uint256 start,
        uint256 end
    ) private {
        (uint256 sum, uint256 good, bool overflow) = _verifyRun(batch, auths, signatures, start, end);
        if (good == 0) return;
        Authorization memory first = auths[start];
        bool moved = !overflow && LibToken.tryRelay(batch.token, first.from, first.to, sum);
        if (!moved && batch.strict) LibX402.requireOk(LibX402.TOKEN_FAILED, batch.token);
        for (uint256 i = start; i < end; i++) {
            if (batch.results[i] != LibX402.OK) continue;
            if (moved) _emit(auths[i], batch.actuals[i]);
            else LibX402.reopen(auths[i]);
        }
        if (moved) return;
        if (end - start == 1) {
            batch.results[start] = LibX402.TOKEN_FAILED;
            return;
        }
        for (uint256 i = start; i < end; i++) {
            _settleRun(batch, auths, signatures, i, i + 1);
        }
    }

    function _verifyRun(
        Batch memory batch,
        Authorization[] calldata auths,
        bytes[] calldata signatures,
        uint256 start,
        uint256 end
    ) private returns (uint256 sum, uint256 good, bool overflow) {
        for (uint256 i = start; i < end; i++) {
            uint256 amount = batch.actuals[i];
            uint8 verdict = _verify(batch.upto, amount, auths[i], signatures[i]);
            if (batch.strict) LibX402.requireOk(verdict, batch.token);
            batch.results[i] = verdict;
            if (verdict != LibX402.OK) continue;
            good += 1;
            if (amount > type(uint256).max - sum) overflow = true;
            else sum += amount;
        }
    }

    function _verify(bool upto, uint256 amount, Authorization calldata signed, bytes calldata signature)
        private
        returns (uint8 verdict)
    {
        Authorization memory auth = signed;
        if (upto) {
            if (amount > auth.value) return LibX402.EXCEEDS_MAX;
            if (!LibX402.mayCapture(auth.to, msg.sender)) return LibX402.NOT_FACILITATOR;
        }
        verdict = LibX402.open(auth);
        if (verdict != LibX402.OK) return verdict;
        if (!LibX402.isSigned(auth, signature)) {
            LibX402.reopen(auth);
            return LibX402.BAD_SIGNATURE;
        }
    }

    function _emit(Authorization calldata auth, uint256 amount) private {
        emit IX402Facet.PaymentSettled(auth.from, auth.to, amount, auth.nonce);
    }
}
