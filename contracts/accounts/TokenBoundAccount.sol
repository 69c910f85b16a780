// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {ITokenBoundAccount} from "../interfaces/ITokenBoundAccount.sol";
import {LibAccountProxy} from "../libraries/LibAccountProxy.sol";
import {LibLock} from "../libraries/LibLock.sol";
import {LibRevert} from "../libraries/LibRevert.sol";
import {LibSig} from "../libraries/LibSig.sol";

/// @title TokenBoundAccount: documented at ITokenBoundAccount
contract TokenBoundAccount is ITokenBoundAccount {
    uint256 private constant MAX_BATCH = 16;
    uint256 private constant MAX_HOLDER_DEPTH = 3;
    bytes4 private constant SIGNATURE_VALID = 0x1626ba7e;
    bytes4 private constant SIGNATURE_INVALID = 0xffffffff;
    bytes4 private constant SIGNER_VALID = 0x523e3260;
    bytes4 private constant TOKEN_RECEIVED = 0x150b7a02;
    bytes4 private constant OWNER_OF = 0x6352211e;

    /// @dev The contract the proxies point at; read from code, so every account knows it.
    address private immutable _implementation;

    uint256 private _state;
    mapping(address holder => mapping(address signer => bool)) private _signers;

    constructor() {
        _implementation = address(this);
    }

    receive() external payable {}

    modifier nonReentrant() {
        LibLock.enter();
        _;
        LibLock.exit();
    }

    function execute(address to, uint256 value, bytes calldata data, uint8 operation)
        external
        payable
        nonReentrant
        returns (bytes memory result)
    {
        if (operation != 0) revert OnlyCall();
        if (!isAuthorizedSigner(msg.sender)) revert NotAuthorised();
        _state += 1;
        result = _call(to, value, data);
    }

    function executeBatch(address[] calldata targets, uint256[] calldata values, bytes[] calldata data)
        external
        payable
        nonReentrant
    {
        if (targets.length > MAX_BATCH) revert BatchTooLarge(MAX_BATCH);
        if (values.length != targets.length || data.length != targets.length) revert LengthMismatch();
        if (!isAuthorizedSigner(msg.sender)) revert NotAuthorised();
        _state += 1;
        for (uint256 i = 0; i < targets.length; i++) {
            _call(targets[i], values[i], data[i]);
        }
    }

    function addSigner(address signer) external {
        _requireHolder();
        if (signer == address(0)) revert ZeroAddress();
        _state += 1;
        _signers[msg.sender][signer] = true;
        emit SignerAdded(msg.sender, signer);
    }

    function removeSigner(address signer) external {
        _requireHolder();
        _state += 1;
        _signers[msg.sender][signer] = false;
        emit SignerRemoved(msg.sender, signer);
    }

    function token() public view returns (uint256 chainId, address tokenContract, uint256 tokenId) {
        return LibAccountProxy.tokenOf(address(this));
    }

    function owner() public view returns (address) {
        (uint256 chainId, address tokenContract, uint256 tokenId) = token();
        if (chainId != block.chainid) return address(0);
        (bool ok, bytes memory answer) = tokenContract.staticcall(abi.encodeWithSelector(OWNER_OF, tokenId));
        if (!ok || answer.length != 32) return address(0);
        return abi.decode(answer, (address));
    }

    function state() external view returns (uint256) {
        return _state;
    }

    function isAuthorizedSigner(address signer) public view returns (bool) {
        address holder = owner();
        return holder != address(0) && (signer == holder || _signers[holder][signer]);
    }

    function isValidSigner(address signer, bytes calldata) external view returns (bytes4) {
        return isAuthorizedSigner(signer) ? SIGNER_VALID : bytes4(0);
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        return _isValid(hash, signature) ? SIGNATURE_VALID : SIGNATURE_INVALID;
    }

    function onERC721Received(address, address, uint256 tokenId, bytes calldata) external view returns (bytes4) {
        (uint256 chainId, address tokenContract, uint256 ownId) = token();
        if (msg.sender == tokenContract && tokenId == ownId && chainId == block.chainid) revert OwnershipCycle();
        return TOKEN_RECEIVED;
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == 0x6faff5f1 || interfaceId == 0x51945447
            || interfaceId == SIGNATURE_VALID || interfaceId == TOKEN_RECEIVED;
    }

    /// @dev Follows holders that are accounts like this one without entering them, so that depth is counted in one
    /// place and a ring of accounts ends at the limit.
    function _isValid(bytes32 hash, bytes calldata signature) private view returns (bool) {
        address account = address(this);
        bytes calldata rest = signature;
        for (uint256 depth = 0; depth <= MAX_HOLDER_DEPTH; depth++) {
            address signer = LibSig.recover(hash, rest);
            if (signer != address(0) && _isAuthorizedAt(account, signer)) return true;
            if (rest.length < 20) return false;
            address holder;
            (holder, rest) = LibSig.splitHolder(rest);
            if (holder != _ownerOf(account) || holder.code.length == 0) return false;
            if (!LibAccountProxy.isProxyTo(holder, _implementation)) {
                return depth < MAX_HOLDER_DEPTH && LibSig.isValidERC1271(holder, hash, rest);
            }
            account = holder;
        }
        return false;
    }

    function _isAuthorizedAt(address account, address signer) private view returns (bool) {
        if (account == address(this)) return isAuthorizedSigner(signer);
        return ITokenBoundAccount(account).isAuthorizedSigner(signer);
    }

    function _ownerOf(address account) private view returns (address) {
        if (account == address(this)) return owner();
        return ITokenBoundAccount(account).owner();
    }

    function _requireHolder() private view {
        address holder = owner();
        if (holder == address(0) || msg.sender != holder) revert OnlyOwner();
    }

    function _call(address to, uint256 value, bytes calldata data) private returns (bytes memory result) {
        bool ok;
        (ok, result) = to.call{value: value}(data);
        if (!ok) LibRevert.bubble(result);
    }
}
