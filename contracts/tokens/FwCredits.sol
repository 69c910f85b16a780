// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {IFwCredits} from "../interfaces/IFwCredits.sol";
import {LibCast} from "../libraries/LibCast.sol";
import {LibERC3009} from "../libraries/LibERC3009.sol";
import {LibMintWindow, MintWindow} from "../libraries/LibMintWindow.sol";
import {LibTypedData} from "../libraries/LibTypedData.sol";
import {ERC3009} from "./ERC3009.sol";

/// @title FwCredits: the $LH credits token; documented at IFwCredits
contract FwCredits is IFwCredits, ERC3009 {
    /// @dev keccak256("Localharness Credits")
    bytes32 private constant NAME_HASH = 0x24d638798f96dd4d7428e16ca62785000cf98c4879669138c6601b700120f8e1;
    /// @dev keccak256("LH.ISSUER_ROLE")
    bytes32 private constant ISSUER = 0x6a079e44f782d01ff85df174a9bb4a143c3e08961e858757a033b8e0ffa8f5a7;
    uint64 private constant TIMELOCK = 2 days;

    struct PendingCap {
        uint128 cap;
        uint64 readyAt;
    }

    struct PendingWindow {
        uint128 cap;
        uint64 duration;
        uint64 readyAt;
    }

    mapping(address account => uint256) private _balances;
    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    uint128 private _totalSupply;
    uint128 private _supplyCap;
    address private _owner;
    mapping(bytes32 role => mapping(address account => bool)) private _roles;
    MintWindow private _window;
    PendingCap private _pendingCap;
    PendingWindow private _pendingWindow;

    /// @param supplyCap_ In wei of $LH.
    /// @param windowCap Most that may be minted in `windowSecs` seconds; 0 and 0 for no window.
    constructor(address owner_, uint256 supplyCap_, uint256 windowCap, uint64 windowSecs) {
        if (owner_ == address(0)) revert ZeroAddress();
        _requireWindow(windowCap, windowSecs);
        _owner = owner_;
        _supplyCap = LibCast.toUint128(supplyCap_);
        LibMintWindow.configure(_window, windowCap, windowSecs);
        emit OwnershipTransferred(address(0), owner_);
        emit SupplyCapChanged(0, supplyCap_);
        emit MintWindowChanged(windowCap, windowSecs);
    }

    modifier onlyOwner() {
        if (msg.sender != _owner) revert Unauthorized();
        _;
    }

    // ERC-20

    function name() external pure returns (string memory) {
        return "Localharness Credits";
    }

    function symbol() external pure returns (string memory) {
        return "LH";
    }

    function decimals() external pure returns (uint8) {
        return 18;
    }

    function currency() external pure returns (string memory) {
        return "credits";
    }

    function totalSupply() external view returns (uint256) {
        return _totalSupply;
    }

    function balanceOf(address account) external view returns (uint256) {
        return _balances[account];
    }

    function allowance(address owner_, address spender) external view returns (uint256) {
        return _allowances[owner_][spender];
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _allowances[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        _transfer(msg.sender, to, value);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        _spendAllowance(from, value);
        _transfer(from, to, value);
        return true;
    }

    function transferWithMemo(address to, uint256 amount, bytes32 memo) external returns (bool) {
        _transfer(msg.sender, to, amount);
        emit TransferWithMemo(msg.sender, to, amount, memo);
        return true;
    }

    function transferFromWithMemo(address from, address to, uint256 amount, bytes32 memo) external returns (bool) {
        _spendAllowance(from, amount);
        _transfer(from, to, amount);
        emit TransferWithMemo(from, to, amount, memo);
        return true;
    }

    // EIP-712

    function version() external pure returns (string memory) {
        return "1";
    }

    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _separator();
    }

    function eip712Domain()
        external
        view
        returns (bytes1, string memory, string memory, uint256, address, bytes32, uint256[] memory)
    {
        return (0x0f, "Localharness Credits", "1", block.chainid, address(this), bytes32(0), new uint256[](0));
    }

    // Issue

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function mintWithMemo(address to, uint256 amount, bytes32 memo) external {
        _mint(to, amount);
        emit TransferWithMemo(address(0), to, amount, memo);
    }

    function burn(uint256 amount) external {
        _burn(amount);
    }

    function burnWithMemo(uint256 amount, bytes32 memo) external {
        _burn(amount);
        emit TransferWithMemo(msg.sender, address(0), amount, memo);
    }

    // Roles

    function ISSUER_ROLE() external pure returns (bytes32) {
        return ISSUER;
    }

    function CAP_LOOSEN_TIMELOCK() external pure returns (uint64) {
        return TIMELOCK;
    }

    function hasRole(bytes32 role, address account) external view returns (bool) {
        return _roles[role][account];
    }

    function grantRole(bytes32 role, address account) external onlyOwner {
        if (_roles[role][account]) return;
        _roles[role][account] = true;
        emit RoleGranted(role, account, msg.sender);
    }

    function revokeRole(bytes32 role, address account) external onlyOwner {
        _dropRole(role, account);
    }

    function renounceRole(bytes32 role) external {
        _dropRole(role, msg.sender);
    }

    function owner() external view returns (address) {
        return _owner;
    }

    function transferOwnership(address newOwner) external onlyOwner {
        if (newOwner == address(0)) revert ZeroAddress();
        emit OwnershipTransferred(_owner, newOwner);
        _owner = newOwner;
    }

    // Supply cap

    function supplyCap() external view returns (uint256) {
        return _supplyCap;
    }

    function pendingSupplyCap() external view returns (uint256 newCap, uint64 readyAt) {
        return (_pendingCap.cap, _pendingCap.readyAt);
    }

    function lowerSupplyCap(uint256 newCap) external onlyOwner {
        uint256 oldCap = _supplyCap;
        if (newCap > oldCap) revert NotTightening();
        if (newCap < _totalSupply) revert InvalidSupplyCap();
        if (_pendingCap.readyAt != 0) _cancelSupplyCap();
        _supplyCap = uint128(newCap);
        emit SupplyCapChanged(oldCap, newCap);
    }

    function proposeSupplyCap(uint256 newCap) external onlyOwner {
        if (_pendingCap.readyAt != 0) revert ChangePending();
        if (newCap <= _supplyCap || newCap > type(uint128).max) revert InvalidSupplyCap();
        uint64 readyAt = uint64(block.timestamp) + TIMELOCK;
        _pendingCap = PendingCap(uint128(newCap), readyAt);
        emit SupplyCapProposed(newCap, readyAt);
    }

    function applySupplyCap() external onlyOwner {
        _requireReady(_pendingCap.readyAt);
        uint256 oldCap = _supplyCap;
        uint128 newCap = _pendingCap.cap;
        delete _pendingCap;
        _supplyCap = newCap;
        emit SupplyCapChanged(oldCap, newCap);
    }

    function cancelSupplyCap() external onlyOwner {
        if (_pendingCap.readyAt == 0) revert NothingPending();
        _cancelSupplyCap();
    }

    // Mint window

    function mintWindow() external view returns (uint256 cap, uint64 windowSecs, uint256 used) {
        return (_window.cap, _window.duration, LibMintWindow.used(_window));
    }

    function pendingMintWindow() external view returns (uint256 cap, uint64 windowSecs, uint64 readyAt) {
        return (_pendingWindow.cap, _pendingWindow.duration, _pendingWindow.readyAt);
    }

    function tightenMintWindow(uint256 cap, uint64 windowSecs) external onlyOwner {
        _requireWindow(cap, windowSecs);
        if (!LibMintWindow.isTightening(_window, cap, windowSecs)) revert NotTightening();
        if (_pendingWindow.readyAt != 0) _cancelMintWindow();
        LibMintWindow.configure(_window, cap, windowSecs);
        emit MintWindowChanged(cap, windowSecs);
    }

    function proposeMintWindow(uint256 cap, uint64 windowSecs) external onlyOwner {
        if (_pendingWindow.readyAt != 0) revert ChangePending();
        _requireWindow(cap, windowSecs);
        uint64 readyAt = uint64(block.timestamp) + TIMELOCK;
        _pendingWindow = PendingWindow(uint128(cap), windowSecs, readyAt);
        emit MintWindowProposed(cap, windowSecs, readyAt);
    }

    function applyMintWindow() external onlyOwner {
        _requireReady(_pendingWindow.readyAt);
        uint256 cap = _pendingWindow.cap;
        uint64 duration = _pendingWindow.duration;
        delete _pendingWindow;
        LibMintWindow.configure(_window, cap, duration);
        emit MintWindowChanged(cap, duration);
    }

    function cancelMintWindow() external onlyOwner {
        if (_pendingWindow.readyAt == 0) revert NothingPending();
        _cancelMintWindow();
    }

    // Rules

    function _transfer(address from, address to, uint256 amount) internal override {
        if (to == address(0) || to == address(this)) revert InvalidRecipient();
        uint256 balance = _balances[from];
        if (balance < amount) revert InsufficientBalance(balance, amount, from);
        _balances[from] = balance - amount;
        _balances[to] += amount;
        emit Transfer(from, to, amount);
    }

    function _spendAllowance(address from, uint256 amount) private {
        uint256 allowed = _allowances[from][msg.sender];
        if (allowed == type(uint256).max) return;
        if (allowed < amount) revert InsufficientAllowance();
        _allowances[from][msg.sender] = allowed - amount;
    }

    function _mint(address to, uint256 amount) private {
        if (!_roles[ISSUER][msg.sender]) revert Unauthorized();
        if (to == address(0) || to == address(this)) revert InvalidRecipient();
        if (amount == 0) revert InvalidAmount();
        if (amount > _supplyCap - _totalSupply) revert SupplyCapExceeded();
        if (!LibMintWindow.record(_window, amount)) revert MintWindowCapExceeded();
        _totalSupply += uint128(amount);
        _balances[to] += amount;
        emit Transfer(address(0), to, amount);
        emit Mint(to, amount);
    }

    function _burn(uint256 amount) private {
        if (amount == 0) revert InvalidAmount();
        uint256 balance = _balances[msg.sender];
        if (balance < amount) revert InsufficientBalance(balance, amount, msg.sender);
        _balances[msg.sender] = balance - amount;
        // A balance never exceeds the supply, which fits 128 bits.
        _totalSupply -= uint128(amount);
        emit Transfer(msg.sender, address(0), amount);
        emit Burn(msg.sender, amount);
    }

    function _dropRole(bytes32 role, address account) private {
        if (!_roles[role][account]) return;
        _roles[role][account] = false;
        emit RoleRevoked(role, account, msg.sender);
    }

    function _cancelSupplyCap() private {
        emit SupplyCapCancelled(_pendingCap.cap);
        delete _pendingCap;
    }

    function _cancelMintWindow() private {
        emit MintWindowCancelled(_pendingWindow.cap, _pendingWindow.duration);
        delete _pendingWindow;
    }

    function _requireWindow(uint256 cap, uint64 duration) private pure {
        if (!LibMintWindow.isValid(cap, duration)) revert InvalidWindow();
    }

    function _requireReady(uint64 readyAt) private view {
        if (readyAt == 0) revert NothingPending();
        if (block.timestamp < readyAt) revert TimelockNotElapsed();
    }

    function _separator() internal view override returns (bytes32) {
        return LibTypedData.separator(NAME_HASH, LibTypedData.VERSION_1);
    }
}
