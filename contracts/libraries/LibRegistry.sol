// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IERC721Events} from "../interfaces/IERC721Events.sol";
import {IERC721Facet} from "../interfaces/IERC721Facet.sol";
import {IMainIdentityEvents} from "../interfaces/IMainIdentityEvents.sol";
import {IRegistration} from "../interfaces/IRegistration.sol";
import {MainIdentityStorage} from "../storage/MainIdentityStorage.sol";
import {Holder, OwnedTokensStorage} from "../storage/OwnedTokensStorage.sol";
import {Identity, RegistryStorage} from "../storage/RegistryStorage.sol";
import {LibAgentName} from "./LibAgentName.sol";
import {LibCast} from "./LibCast.sol";
import {LibIdPages} from "./LibIdPages.sol";
import {LibNs} from "./LibNs.sol";
import {LibTba} from "./LibTba.sol";

/// @title Identities: mint, transfer, burn, and what follows from them in the owner lists and main identities
library LibRegistry {
    /// @dev keccak256("localharness.x402_price")
    bytes32 internal constant PRICE_KEY = 0xbe3dec9c3c5d17834fbf1c1f7e609a9ec833ea64dd63ca2ee93fd4da78e121d1;
    uint256 internal constant DEFAULT_PRICE = 1e16;
    uint256 private constant MAX_NAME = 63;
    uint256 private constant HYPHEN = 0x2d;

    /// @dev Zero for an identity that does not exist.
    function ownerOf(uint256 id) internal view returns (address) {
        return LibNs.registry().identities[id].owner;
    }

    /// @dev How often the identity has changed hands; what should end with a transfer is tied to this.
    function transfersOf(uint256 id) internal view returns (uint256) {
        return LibNs.registry().identities[id].transfers;
    }

    /// @dev Zero for a name nobody has. Generated names are not stored; they are read.
    function idOfName(string calldata name) internal view returns (uint256 id) {
        id = LibNs.registry().idOfName[keccak256(bytes(name))];
        if (id != 0) return id;
        id = LibAgentName.idIn(bytes(name));
        if (id != 0 && !isUnnamed(id)) id = 0;
    }

    /// @dev Empty for an identity that does not exist.
    function nameOf(uint256 id) internal view returns (string memory name) {
        if (isUnnamed(id)) return LibAgentName.ofId(id);
        return LibNs.registry().nameOf[id];
    }

    /// @dev Whether the identity was registered without a name.
    function isUnnamed(uint256 id) internal view returns (bool) {
        return bytes(LibNs.registry().nameOf[id]).length == 0 && ownerOf(id) != address(0);
    }

    /// @dev The advertised price in wei of $LH: a 32-byte word; anything else counts as not advertised.
    function priceOf(uint256 id) internal view returns (uint256) {
        bytes memory value = LibNs.registry().metadata[id][PRICE_KEY];
        return value.length == 32 ? abi.decode(value, (uint256)) : DEFAULT_PRICE;
    }

    /// @dev `NameReserved`, `NameTaken`, for a valid name.
    function requireUnused(string calldata name) internal view {
        if (LibAgentName.isReserved(bytes(name))) revert IRegistration.NameReserved();
        if (LibNs.registry().idOfName[keccak256(bytes(name))] != 0) revert IRegistration.NameTaken();
    }

    /// @dev DNS label rules, lower case only.
    function isValidName(bytes calldata name) internal pure returns (bool) {
        uint256 length = name.length;
        if (length == 0 || length > MAX_NAME) return false;
        if (uint8(name[0]) == HYPHEN || uint8(name[length - 1]) == HYPHEN) return false;
        for (uint256 i = 0; i < length; i++) {
            uint256 c = uint8(name[i]);
            bool letter = c >= 0x61 && c <= 0x7a;
            bool digit = c >= 0x30 && c <= 0x39;
            if (!letter && !digit && c != HYPHEN) return false;
        }
        return true;
    }

    /// @dev The name must be free.
    function mint(address to, string calldata name) internal returns (uint256 id) {
        RegistryStorage storage s = LibNs.registry();
        id = _newId(s);
        s.idOfName[keccak256(bytes(name))] = id;
        s.nameOf[id] = name;
        emit IRegistration.Registered(id, to, name);
        _give(to, id);
    }

    /// @dev Without a name: the identity answers to the one that follows from its id, and no word is spent on it.
    function mintUnnamed(address to) internal returns (uint256 id) {
        id = _newId(LibNs.registry());
        emit IRegistration.Registered(id, to, LibAgentName.ofId(id));
        _give(to, id);
    }

    function _newId(RegistryStorage storage s) private returns (uint256 id) {
        id = uint256(s.config.lastId) + 1;
        s.config.lastId = LibCast.toUint32(id);
    }

    /// @dev The first identity an account gets becomes its main one.
    function _give(address to, uint256 id) private {
        Identity storage identity = LibNs.registry().identities[id];
        identity.owner = to;
        identity.position = _append(to, id);
        emit IERC721Events.Transfer(address(0), to, id);
        MainIdentityStorage storage main = LibNs.mainIdentity();
        if (main.mainOf[to] == 0) {
            main.mainOf[to] = id;
            emit IMainIdentityEvents.MainRegistered(to, id);
        }
    }

    /// @dev `from` must hold `id` and the caller be entitled. Counting the transfer ends any approval.
    function transfer(address from, address to, uint256 id) internal {
        if (to == LibTba.accountOrZero(id)) revert IERC721Facet.OwnershipCycle();
        Identity storage identity = LibNs.registry().identities[id];
        _detach(from, identity.position);
        identity.owner = to;
        identity.position = _append(to, id);
        identity.transfers += 1;
        _clearMain(from, id);
        emit IERC721Events.Transfer(from, to, id);
    }

    /// @dev `id` must exist. The name becomes free; the id is never given out again.
    function burn(uint256 id) internal {
        RegistryStorage storage s = LibNs.registry();
        address owner = s.identities[id].owner;
        _detach(owner, s.identities[id].position);
        delete s.idOfName[keccak256(bytes(s.nameOf[id]))];
        delete s.nameOf[id];
        delete s.identities[id];
        _clearMain(owner, id);
        emit IERC721Events.Transfer(owner, address(0), id);
    }

    /// @dev The present approval; one made before the last transfer no longer counts.
    function approvedFor(uint256 id) internal view returns (address) {
        RegistryStorage storage s = LibNs.registry();
        return s.approvals[id].transfers == s.identities[id].transfers ? s.approvals[id].spender : address(0);
    }

    function _clearMain(address account, uint256 id) private {
        MainIdentityStorage storage main = LibNs.mainIdentity();
        if (main.mainOf[account] != id) return;
        main.mainOf[account] = 0;
        emit IMainIdentityEvents.MainCleared(account, id);
    }

    function _append(address to, uint256 id) private returns (uint48 position) {
        OwnedTokensStorage storage s = LibNs.ownedTokens();
        Holder storage holder = s.holders[to];
        uint64 count = holder.count;
        LibIdPages.set(s.lists[to], count, id);
        holder.count = count + 1;
        holder.lastId = uint64(id);
        // No more than 2^32 identities exist, so a place in a list of them fits 48 bits.
        return uint48(count);
    }

    /// @dev The last of the list takes the free place.
    function _detach(address from, uint256 position) private {
        OwnedTokensStorage storage s = LibNs.ownedTokens();
        uint64 last = s.holders[from].count - 1;
        if (position != last) {
            uint256 moved = LibIdPages.get(s.lists[from], last);
            LibIdPages.set(s.lists[from], position, moved);
            LibNs.registry().identities[moved].position = uint48(position);
        }
        s.holders[from].count = last;
    }
}
