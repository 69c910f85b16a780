// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IFwUSD} from "../interfaces/IFwUSD.sol";
import {LibERC3009} from "../libraries/LibERC3009.sol";
import {LibTypedData} from "../libraries/LibTypedData.sol";
import {ERC3009} from "./ERC3009.sol";

/// @title FwUSD: a six-decimal dollar for local networks; documented at IFwUSD
contract FwUSD is IFwUSD, ERC3009 {
    /// @dev keccak256("USD Coin")
    bytes32 private constant NAME_HASH = 0x52878b207aaddbfc15ea7bebcda681eb8ccd306e2227b61cef68505c8c056341;
    /// @dev keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)")
    bytes32 private constant PERMIT_TYPEHASH = 0x6e71edae12b1b97f4d1f60370fef10105fa2faae0126114a169c64845d6126c9;

    /// @dev One slot, so that a transfer reads the block list for free.
    struct Account {
        uint248 balance;
        bool blacklisted;
    }

    address private _owner;
    bool private _paused;
    uint256 private _totalSupply;
    mapping(address account => Account) private _accounts;
    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    mapping(address owner => uint256) private _permitNonces;

    constructor(address owner_) {
        if (owner_ == address(0)) revert ZeroAddress();
        _owner = owner_;
        emit OwnershipTransferred(address(0), owner_);
    }

    modifier onlyOwner() {
        if (msg.sender != _owner) revert NotOwner();
        _;
    }

    // ERC-20

    function name() external pure returns (string memory) {
        return "USD Coin";
    }

    function symbol() external pure returns (string memory) {
        return "FwUSD";
    }

    function decimals() external pure returns (uint8) {
        return 6;
    }

    function totalSupply() external view returns (uint256) {
        return _totalSupply;
    }

    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account].balance;
    }

    function allowance(address owner_, address spender) external view returns (uint256) {
        return _allowances[owner_][spender];
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = _allowances[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert InsufficientAllowance();
            _allowances[from][msg.sender] = allowed - value;
        }
        // A listed spender may not move other people's money either.
        if (_accounts[msg.sender].blacklisted) revert AccountBlacklisted(msg.sender);
        _transfer(from, to, value);
        return true;
    }

    // EIP-2612

    function nonces(address owner_) external view returns (uint256) {
        return _permitNonces[owner_];
    }

    function permit(address owner_, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        LibERC3009.requireVrs(owner_, _permitDigest(owner_, spender, value, deadline), v, r, s);
        _approve(owner_, spender, value);
    }

    function permit(address owner_, address spender, uint256 value, uint256 deadline, bytes calldata signature)
        external
    {
        LibERC3009.requireSignature(owner_, _permitDigest(owner_, spender, value, deadline), signature);
        _approve(owner_, spender, value);
    }

    // EIP-712

    function version() external pure returns (string memory) {
        return "2";
    }

    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _separator();
    }

    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        return (0x0f, "USD Coin", "2", block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    // Owner

    function owner() external view returns (address) {
        return _owner;
    }

    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert ZeroAddress();
        emit OwnershipTransferred(_owner, newOwner);
        _owner = newOwner;
    }

    function mint(address to, uint256 value) external onlyOwner {
        _totalSupply += value;
        _credit(to, value);
        emit Transfer(address(0), to, value);
    }

    function burn(uint256 value) external {
        _debit(msg.sender, value);
        _totalSupply -= value;
        emit Transfer(msg.sender, address(0), value);
    }

    function blacklist(address account) external onlyOwner {
        _accounts[account].blacklisted = true;
        emit Blacklisted(account);
    }

    function unBlacklist(address account) external onlyOwner {
        _accounts[account].blacklisted = false;
        emit UnBlacklisted(account);
    }

    function isBlacklisted(address account) external view returns (bool) {
        return _accounts[account].blacklisted;
    }

    function pause() external onlyOwner {
        _paused = true;
        emit Pause();
    }

    function unpause() external onlyOwner {
        _paused = false;
        emit Unpause();
    }

    function paused() external view returns (bool) {
        return _paused;
    }

    // Rules

    function _transfer(address from, address to, uint256 value) internal override {
        if (_paused) revert ContractPaused();
        _debit(from, value);
        _credit(to, value);
        emit Transfer(from, to, value);
    }

    function _debit(address from, uint256 value) private {
        Account storage account = _accounts[from];
        if (account.blacklisted) revert AccountBlacklisted(from);
        uint256 balance = account.balance;
        if (balance < value) revert InsufficientBalance(balance, value, from);
        account.balance = uint248(balance - value);
    }

    function _credit(address to, uint256 value) private {
        if (to == address(0) || to == address(this)) revert InvalidRecipient();
        Account storage account = _accounts[to];
        if (account.blacklisted) revert AccountBlacklisted(to);
        uint256 balance = account.balance + value;
        if (balance > type(uint248).max) revert CastOverflow();
        account.balance = uint248(balance);
    }

    function _approve(address owner_, address spender, uint256 value) private {
        if (_paused) revert ContractPaused();
        if (_accounts[owner_].blacklisted) revert AccountBlacklisted(owner_);
        if (_accounts[spender].blacklisted) revert AccountBlacklisted(spender);
        _allowances[owner_][spender] = value;
        emit Approval(owner_, spender, value);
    }

    function _separator() internal view override returns (bytes32) {
        return LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_2);
    }

    function _permitDigest(address owner_, address spender, uint256 value, uint256 deadline)
        private
        returns (bytes32)
    {
        if (block.timestamp > deadline) revert PermitExpired(deadline);
        uint256 nonce = _permitNonces[owner_];
        _permitNonces[owner_] = nonce + 1;
        bytes32 hash = keccak256(abi.encode(PERMIT_TYPEHASH, owner_, spender, value, nonce, deadline));
        return LibTypedData.digest(_separator(), hash);
    }
}
