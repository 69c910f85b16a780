// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @title An ERC-20 that can misbehave in every way the ledger has to survive
/// @notice `setMode` switches at any time. Anyone may mint, rebase and reconfigure: it exists for tests.
contract HostileToken {
    uint8 private constant NORMAL = 0;
    /// @dev Moves and returns nothing.
    uint8 private constant NO_RETURN = 1;
    /// @dev Moves nothing and returns false.
    uint8 private constant FALSE_RETURN = 2;
    /// @dev Moves and returns 31 bytes.
    uint8 private constant SHORT_RETURN = 3;
    /// @dev Moves and returns one megabyte starting with true.
    uint8 private constant LONG_RETURN = 4;
    /// @dev Takes `feeBps` of every transfer out of circulation.
    uint8 private constant FEE = 5;
    /// @dev Calls `target` with `payload` in the middle of every transfer.
    uint8 private constant REENTER = 6;
    /// @dev Reverts transfers from and to `blocked`.
    uint8 private constant BLOCK = 7;
    uint8 private constant REVERT_WITH_DATA = 8;
    uint8 private constant BURN_GAS = 9;
    /// @dev Moves one unit less than told and says true.
    uint8 private constant WRONG_AMOUNT = 10;
    /// @dev Moves and returns the word 2.
    uint8 private constant TWO_RETURN = 11;
    /// @dev Whoever moves its own money with transferFrom needs no allowance, as with WETH.
    uint8 private constant OWN_MONEY = 12;

    event Transfer(address indexed from, address indexed to, uint256 value);

    error Hostile(uint256 number);

    uint8 private _mode;
    uint256 private _feeBps;
    address private _blocked;
    address private _target;
    bytes private _payload;
    bool private _reentryOk;
    bytes private _reentryAnswer;
    uint256 private _reentries;
    mapping(address account => uint256) private _balances;
    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    mapping(address authorizer => mapping(bytes32 nonce => bool)) private _used;

    function setMode(uint8 mode) external {
        _mode = mode;
    }

    function setFee(uint256 bps) external {
        _feeBps = bps;
    }

    function setBlocked(address account) external {
        _blocked = account;
    }

    function setReentry(address target, bytes calldata payload) external {
        _target = target;
        _payload = payload;
    }

    function reentry() external view returns (uint256 count, bool ok, bytes memory answer) {
        return (_reentries, _reentryOk, _reentryAnswer);
    }

    function mint(address to, uint256 amount) external {
        if (_mode == WRONG_AMOUNT) amount -= 1;
        _balances[to] += amount;
        if (_mode == REENTER) _reenter();
    }

    function burn(uint256 amount) external returns (bool) {
        if (_mode == FALSE_RETURN) return false;
        if (_mode == WRONG_AMOUNT) amount -= 1;
        _balances[msg.sender] -= amount;
        if (_mode == REENTER) _reenter();
        return true;
    }

    /// @dev What redeeming calls; it too can call back.
    function mintWithMemo(address to, uint256 amount, bytes32) external {
        _balances[to] += amount;
        if (_mode == REENTER) _reenter();
    }

    /// @dev A rebase, up or down, of one account.
    function setBalance(address account, uint256 amount) external {
        _balances[account] = amount;
    }

    function decimals() external pure returns (uint8) {
        return 6;
    }

    function balanceOf(address account) external view returns (uint256) {
        return _balances[account];
    }

    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        _allowances[msg.sender][spender] = amount;
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return _run(msg.sender, to, amount);
    }

    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _used[authorizer][nonce];
    }

    /// @dev EIP-3009 without the signature: whoever asks is believed.
    function transferWithAuthorization(
        address from,
        address to,
        uint256 amount,
        uint256,
        uint256,
        bytes32 nonce,
        uint8,
        bytes32,
        bytes32
    ) external returns (bool) {
        return _authorized(from, to, amount, nonce);
    }

    function receiveWithAuthorization(
        address from,
        address to,
        uint256 amount,
        uint256,
        uint256,
        bytes32 nonce,
        uint8,
        bytes32,
        bytes32
    ) external returns (bool) {
        return _authorized(from, to, amount, nonce);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        if (_mode != OWN_MONEY || from != msg.sender) _allowances[from][msg.sender] -= amount;
        return _run(from, to, amount);
    }

    function _authorized(address from, address to, uint256 amount, bytes32 nonce) private returns (bool) {
        require(!_used[from][nonce], "used");
        _used[from][nonce] = true;
        return _run(from, to, amount);
    }

    function _run(address from, address to, uint256 amount) private returns (bool) {
        uint8 mode = _mode;
        if (mode == FALSE_RETURN) return false;
        if (mode == REVERT_WITH_DATA) revert Hostile(amount);
        if (mode == BLOCK && (from == _blocked || to == _blocked)) revert Hostile(amount);
        if (mode == BURN_GAS) _burn();
        uint256 arriving = amount;
        if (mode == FEE) arriving -= (amount * _feeBps) / 10_000;
        if (mode == WRONG_AMOUNT) {
            amount -= 1;
            arriving -= 1;
        }
        _balances[from] -= amount;
        _balances[to] += arriving;
        emit Transfer(from, to, arriving);
        if (mode == REENTER) _reenter();
        _answer(mode);
    }

    function _reenter() private {
        _reentries += 1;
        (_reentryOk, _reentryAnswer) = _target.call(_payload);
    }

    function _burn() private pure {
        assembly ("memory-safe") {
            invalid()
        }
    }

    /// @dev Ends the call for the modes whose answer is not a boolean.
    function _answer(uint8 mode) private pure {
        uint256 size = 32;
        uint256 word = 1;
        if (mode == NO_RETURN) size = 0;
        if (mode == SHORT_RETURN) size = 31;
        if (mode == LONG_RETURN) size = 1_000_000;
        if (mode == TWO_RETURN) word = 2;
        assembly ("memory-safe") {
            let answer := mload(0x40)
            mstore(answer, word)
            return(answer, size)
        }
    }
}
