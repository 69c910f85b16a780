// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {AgentReputationStorage} from "../storage/AgentReputationStorage.sol";
import {AgentStorage} from "../storage/AgentStorage.sol";
import {AgentValidationStorage} from "../storage/AgentValidationStorage.sol";
import {BountyStorage} from "../storage/BountyStorage.sol";
import {CreditMeterStorage} from "../storage/CreditMeterStorage.sol";
import {CreditsStorage} from "../storage/CreditsStorage.sol";
import {DeviceStorage} from "../storage/DeviceStorage.sol";
import {DiamondStorage} from "../storage/DiamondStorage.sol";
import {GuildStorage} from "../storage/GuildStorage.sol";
import {FeedbackStorage} from "../storage/FeedbackStorage.sol";
import {InviteStorage} from "../storage/InviteStorage.sol";
import {LedgerStorage} from "../storage/LedgerStorage.sol";
import {MainIdentityStorage} from "../storage/MainIdentityStorage.sol";
import {MessageStorage} from "../storage/MessageStorage.sol";
import {MintGateStorage} from "../storage/MintGateStorage.sol";
import {OwedStorage} from "../storage/OwedStorage.sol";
import {OwnedTokensStorage} from "../storage/OwnedTokensStorage.sol";
import {PartyStorage} from "../storage/PartyStorage.sol";
import {PushStorage} from "../storage/PushStorage.sol";
import {RedeemStorage} from "../storage/RedeemStorage.sol";
import {RegistryStorage} from "../storage/RegistryStorage.sol";
import {ReleaseStorage} from "../storage/ReleaseStorage.sol";
import {ReputationStorage} from "../storage/ReputationStorage.sol";
import {RoomStorage} from "../storage/RoomStorage.sol";
import {ScheduleStorage} from "../storage/ScheduleStorage.sol";
import {SessionStorage} from "../storage/SessionStorage.sol";
import {SignalingStorage} from "../storage/SignalingStorage.sol";
import {SubscribeStorage} from "../storage/SubscribeStorage.sol";
import {TbaStorage} from "../storage/TbaStorage.sol";
import {TitheStorage} from "../storage/TitheStorage.sol";
import {ValidationStorage} from "../storage/ValidationStorage.sol";
import {VotingStorage} from "../storage/VotingStorage.sol";
import {WeightedVotingStorage} from "../storage/WeightedVotingStorage.sol";
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
    bytes32 private constant CREDIT_METER = 0x2bd71a0ea20a14333c837a026ad31f7a766879b597f240be2c2a7088c45a3100;
    bytes32 private constant MINT_GATE = 0xe0e4ad3ada74fa9a2445ed7bf8453feb8f7d6072440a36b6e473e4bd5379be00;
    bytes32 private constant X402 = 0xc273411faf944c01a5f997c2902a9121086d34445a48ef1ebb75e2b12b0fab00;
    bytes32 private constant BOUNTY = 0x761a0ea0a2260678579b5c0a193d88e193b64890f8c4169110185c6e30027a00;
    bytes32 private constant SCHEDULE = 0x1e29630d760b869934fb9f79b0f74245c4049cf2fc3907324f51c480e2b99500;
    bytes32 private constant REPUTATION = 0x966bc284cde6e6ca744884cafa1dd341f91c2b489a7f21ec338026ebd9e50100;
    bytes32 private constant GUILD = 0x26d64ae41c85f929c4b21ca13641870589f75766027cffd31fba3e5c45899e00;
    bytes32 private constant VOTING = 0x211a7b3fab3b79f9d75bc478f8f3d413a85bfaafa3ff242760383a5dc6293600;
    bytes32 private constant WEIGHTED_VOTING = 0x1c38a5b9a10167800c75110d4a7333aeb9a54a601893ffbaf4bf78df3d72f000;
    bytes32 private constant TITHE = 0x879c030b7304c8719b6fb0dfd4a33c284f005054b01c7ff12e3a859404111e00;
    bytes32 private constant SESSION = 0x67df034720272501b0085733a0da1e508fa81b5c5ff55b8edd4bc895727f5a00;
    bytes32 private constant DEVICE = 0xf32f78e57a832d26835d5c1cf84c4a7ae690a7d84a0ad748e61ce2db4518c700;
    bytes32 private constant ROOM = 0x5bcf64b3070b1be8b5f41c75592cc6b73aec24868500da298c3133a7957d5600;
    bytes32 private constant SUBSCRIBE = 0xeee258c9ed9468c7796bf542ab7b186553bb510ee43d5ae294bfb60d2bd99700;
    bytes32 private constant PUSH = 0x47476899439abfda876ed1ac468238044768d834042b702d64fd6960c0d1c100;
    bytes32 private constant FEEDBACK = 0xa1116ce69978dc20702a386aff0d23faeb7941514021a6d8efd5bc26e3afed00;
    bytes32 private constant MESSAGE = 0xb828cbcfae8ba5ab99df3530b00a97dda4933a4599b7a1aa92daf341a59fc700;
    bytes32 private constant SIGNALING = 0x8570ea3863fbd77bfa4327c6f8c4add55faf64806665f8df71d5a35a1ffdee00;
    bytes32 private constant RELEASE = 0x8a4bfb82671f907824a8654834f2cacb89d3da02c72a738d0a0394732069dd00;
    bytes32 private constant INVITE = 0x0dd4dcfb35bdf98bdc2d80c49ecc44668cd847c5d0f485fe7f98182da125ab00;
    bytes32 private constant REDEEM = 0xb1ee828e2412c0a0c571366c2908ca9d7c9e184826dae269ccf6b0e90eb42500;
    bytes32 private constant VAULT = 0x1206649578b6cd4d85935c39051bb8f3e560cb204b08d6d2f831cd9de82be100;
    bytes32 private constant PARTY = 0xee154322defd012d21450ff938713f06cb93b313b544d4a200afed4541cb3900;
    bytes32 private constant VALIDATION = 0xebc1a34ab7ed1e4aa7b6e35e1daa7cea3d70ee21cdafee81388a87faa82da900;
    bytes32 private constant AGENT = 0xe55104b4e940b371d0b8ce84f7b9c0e2edc95f70481ff7896c7e02f4d4691400;
    bytes32 private constant AGENT_REPUTATION = 0x090036050dac9cc0da61d07968bd990ebd80ed43f1ef0e5d1d98d008eaf31f00;
    bytes32 private constant AGENT_VALIDATION = 0x38d8712f636440e61d38ef9c2c3c9138c4ccfdb2fa5d34cf079f6fbf12f51e00;

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

    function creditMeter() internal pure returns (CreditMeterStorage storage s) {
        bytes32 slot = CREDIT_METER;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function mintGate() internal pure returns (MintGateStorage storage s) {
        bytes32 slot = MINT_GATE;
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

    function guild() internal pure returns (GuildStorage storage s) {
        bytes32 slot = GUILD;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function voting() internal pure returns (VotingStorage storage s) {
        bytes32 slot = VOTING;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function weightedVoting() internal pure returns (WeightedVotingStorage storage s) {
        bytes32 slot = WEIGHTED_VOTING;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function tithe() internal pure returns (TitheStorage storage s) {
        bytes32 slot = TITHE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function session() internal pure returns (SessionStorage storage s) {
        bytes32 slot = SESSION;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function device() internal pure returns (DeviceStorage storage s) {
        bytes32 slot = DEVICE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function room() internal pure returns (RoomStorage storage s) {
        bytes32 slot = ROOM;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function subscribe() internal pure returns (SubscribeStorage storage s) {
        bytes32 slot = SUBSCRIBE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function push() internal pure returns (PushStorage storage s) {
        bytes32 slot = PUSH;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function feedback() internal pure returns (FeedbackStorage storage s) {
        bytes32 slot = FEEDBACK;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function message() internal pure returns (MessageStorage storage s) {
        bytes32 slot = MESSAGE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function signaling() internal pure returns (SignalingStorage storage s) {
        bytes32 slot = SIGNALING;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function release() internal pure returns (ReleaseStorage storage s) {
        bytes32 slot = RELEASE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function invite() internal pure returns (InviteStorage storage s) {
        bytes32 slot = INVITE;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function redeem() internal pure returns (RedeemStorage storage s) {
        bytes32 slot = REDEEM;
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

    function party() internal pure returns (PartyStorage storage s) {
        bytes32 slot = PARTY;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function agent() internal pure returns (AgentStorage storage s) {
        bytes32 slot = AGENT;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function validation() internal pure returns (ValidationStorage storage s) {
        bytes32 slot = VALIDATION;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function agentReputation() internal pure returns (AgentReputationStorage storage s) {
        bytes32 slot = AGENT_REPUTATION;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }

    function agentValidation() internal pure returns (AgentValidationStorage storage s) {
        bytes32 slot = AGENT_VALIDATION;
        assembly ("memory-safe") {
            s.slot := slot
        }
    }
}
