// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {BountyStorage} from "../storage/BountyStorage.sol";
import {CreditsStorage} from "../storage/CreditsStorage.sol";
import {DiamondStorage} from "../storage/DiamondStorage.sol";
import {LedgerStorage} from "../storage/LedgerStorage.sol";
import {MainIdentityStorage} from "../storage/MainIdentityStorage.sol";
import {OwedStorage} from "../storage/OwedStorage.sol";
import {OwnedTokensStorage} from "../storage/OwnedTokensStorage.sol";
import {RegistryStorage} from "../storage/RegistryStorage.sol";
import {ReputationStorage} from "../storage/ReputationStorage.sol";
import {ScheduleStorage} from "../storage/ScheduleStorage.sol";
import {TbaStorage} from "../storage/TbaStorage.sol";
import {VaultStorage} from "../storage/VaultStorage.sol";
import {X402Storage} from "../storage/X402Storage.sol";

/// @title Where each namespace of the diamond lives (ERC-7201)
/// @notice Slot of "facetworks.<name>" = keccak256(abi.encode(uint256(keccak256("facetworks.<name>")) - 1)) with
/// the low byte cleared. A facet reaches its state through here and declares none itself.
library LibNs {
    bytes32 private constant DIAMOND = 0x3a75956179be1702daee31bd157390f9644c19288195305d7a85eaf75add2e00;
    bytes32 private constant LEDGER = 0x7c5eb1fc46ef5a16ef04695f4dc15d5aaff04060f710db0fc1d1b09fa6aae100;
    bytes32 private constant OWED = 0xc425d08058f5fbb6e562e552c22874e877338ee6c7b1a2a632581dcbd4debe00;
    bytes32 private constant REGISTRY = 0x3415168b924bedc711a2175de1aed16c3c58b1c378756c838778b1cd4341e800;
    bytes32 private constant MAIN_IDENTITY = 0xa70529c80a865f81d3b26a026dd063c3babd45f72f51b099457d8df40a9fb900;
    bytes32 private constant OWNED_TOKENS = 0xaf2773034dc840fba679395604a537574be182bb8c965ec68eb3f4f8973dc300;
    bytes32 private constant TBA = 0x32f66a3633711e234cb18adddf56068723d2afed49987d07122df8e7cf6da100;
    bytes32 private constant CREDITS = 0xedb61bcad23e9594bd9dc96a31a5ac5daf33dec9c39a0dd4f17328cb06216400;
    bytes32 private constant X402 = 0xc273411faf944c01a5f997c2902a9121086d34445a48ef1ebb75e2b12b0fab00;
    bytes32 private constant BOUNTY = 0x761a0ea0a2260678579b5c0a193d88e193b64890f8c4169110185c6e30027a00;
    bytes32 private constant SCHEDULE = 0x1e29630d760b869934fb9f79b0f74245c4049cf2fc3907324f51c480e2b99500;
    bytes32 private constant REPUTATION = 0x966bc284cde6e6ca744884cafa1dd341f91c2b489a7f21ec338026ebd9e50100;
    bytes32 private constant VAULT = 0x1206649578b6cd4d85935c39051bb8f3e560cb204b08d6d2f831cd9de82be100;

    function diamond() internal pure returns (DiamondStorage storage s) {
        bytes32 slot = DIAMOND;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function ledger() internal pure returns (LedgerStorage storage s) {
        bytes32 slot = LEDGER;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function owed() internal pure returns (OwedStorage storage s) {
        bytes32 slot = OWED;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function registry() internal pure returns (RegistryStorage storage s) {
        bytes32 slot = REGISTRY;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function mainIdentity() internal pure returns (MainIdentityStorage storage s) {
        bytes32 slot = MAIN_IDENTITY;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function ownedTokens() internal pure returns (OwnedTokensStorage storage s) {
        bytes32 slot = OWNED_TOKENS;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function tba() internal pure returns (TbaStorage storage s) {
        bytes32 slot = TBA;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function credits() internal pure returns (CreditsStorage storage s) {
        bytes32 slot = CREDITS;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function x402() internal pure returns (X402Storage storage s) {
        bytes32 slot = X402;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function bounty() internal pure returns (BountyStorage storage s) {
        bytes32 slot = BOUNTY;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function schedule() internal pure returns (ScheduleStorage storage s) {
        bytes32 slot = SCHEDULE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function reputation() internal pure returns (ReputationStorage storage s) {
        bytes32 slot = REPUTATION;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function vault() internal pure returns (VaultStorage storage s) {
        bytes32 slot = VAULT;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }
}
