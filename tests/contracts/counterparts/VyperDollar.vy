# pragma version 0.4.3
# pragma evm-version cancun
"""
@title VyperDollar: a six-decimal dollar in another language
@license MIT
@notice ERC-20, EIP-2612 and EIP-3009, written from their texts and from nothing else in this repository. It is what
        the contracts of `contracts/` may meet as a payment token: it says no in words instead of error selectors,
        takes signatures in parts only, as the two EIPs have them, and asks no signer's contract.
@dev Amounts in base units (1e-6), times in seconds. The minter is whoever deployed it for.
"""

event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

event AuthorizationUsed:
    authorizer: indexed(address)
    nonce: indexed(bytes32)

event AuthorizationCanceled:
    authorizer: indexed(address)
    nonce: indexed(bytes32)

name: public(constant(String[8])) = "USD Coin"
symbol: public(constant(String[8])) = "vyUSD"
version: public(constant(String[1])) = "2"
decimals: public(constant(uint8)) = 6

DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
PERMIT_TYPE: constant(bytes32) = keccak256(
    "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
)
TRANSFER_TYPE: constant(bytes32) = keccak256(
    "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
RECEIVE_TYPE: constant(bytes32) = keccak256(
    "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
)
CANCEL_TYPE: constant(bytes32) = keccak256(
    "CancelAuthorization(address authorizer,bytes32 nonce)"
)
# The order of secp256k1 divided by two: above it lies the second form of every signature (EIP-2).
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

minter: public(immutable(address))

totalSupply: public(uint256)
balanceOf: public(HashMap[address, uint256])
allowance: public(HashMap[address, HashMap[address, uint256]])
# EIP-2612: the number of the next permit.
nonces: public(HashMap[address, uint256])
# EIP-3009: whether a nonce is used or cancelled.
authorizationState: public(HashMap[address, HashMap[bytes32, bool]])


@deploy
def __init__(minter_: address):
    """
    @param minter_ Who may create money.
    """
    minter = minter_


# ERC-20

@external
def transfer(to: address, amount: uint256) -> bool:
    """
    @notice Moves the caller's money.
    """
    self._move(msg.sender, to, amount)
    return True


@external
def transferFrom(owner: address, to: address, amount: uint256) -> bool:
    """
    @notice Moves an owner's money within the allowance; the largest number is an allowance without end.
    """
    allowed: uint256 = self.allowance[owner][msg.sender]
    if allowed != max_value(uint256):
        assert allowed >= amount, "allowance"
        self.allowance[owner][msg.sender] = allowed - amount
    self._move(owner, to, amount)
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice Sets what `spender` may move of the caller's money.
    """
    self._approve(msg.sender, spender, amount)
    return True


@external
def mint(to: address, amount: uint256):
    """
    @notice Creates money. Minter only.
    """
    assert msg.sender == minter, "minter"
    assert to != empty(address), "receiver"
    self.totalSupply += amount
    self.balanceOf[to] += amount
    log Transfer(sender=empty(address), receiver=to, value=amount)


# EIP-2612

@external
def permit(owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32):
    """
    @notice Sets an allowance that `owner` signed. Good until the deadline, that second included.
    """
    assert block.timestamp <= deadline, "late"
    number: uint256 = self.nonces[owner]
    self.nonces[owner] = number + 1
    self._require_signed(owner, keccak256(abi_encode(PERMIT_TYPE, owner, spender, amount, number, deadline)), v, r, s)
    self._approve(owner, spender, amount)


# EIP-3009

@external
def transferWithAuthorization(
    payer: address, payee: address, amount: uint256, valid_after: uint256, valid_before: uint256, nonce: bytes32,
    v: uint8, r: bytes32, s: bytes32
):
    """
    @notice Executes a transfer that `payer` signed; anybody may send it, strictly inside its window, once.
    """
    self._authorized(TRANSFER_TYPE, payer, payee, amount, valid_after, valid_before, nonce, v, r, s)


@external
def receiveWithAuthorization(
    payer: address, payee: address, amount: uint256, valid_after: uint256, valid_before: uint256, nonce: bytes32,
    v: uint8, r: bytes32, s: bytes32
):
    """
    @notice As `transferWithAuthorization`, for the payee alone.
    """
    assert msg.sender == payee, "payee"
    self._authorized(RECEIVE_TYPE, payer, payee, amount, valid_after, valid_before, nonce, v, r, s)


@external
def cancelAuthorization(authorizer: address, nonce: bytes32, v: uint8, r: bytes32, s: bytes32):
    """
    @notice Spends a nonce without paying, on its owner's signature.
    """
    assert not self.authorizationState[authorizer][nonce], "used"
    self._require_signed(authorizer, keccak256(abi_encode(CANCEL_TYPE, authorizer, nonce)), v, r, s)
    self.authorizationState[authorizer][nonce] = True
    log AuthorizationCanceled(authorizer=authorizer, nonce=nonce)


# EIP-712

@view
@external
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice The domain of everything signed for this token, on the chain as it is now.
    """
    return self._domain()


@view
@internal
def _domain() -> bytes32:
    return keccak256(abi_encode(DOMAIN_TYPE, keccak256(name), keccak256(version), chain.id, self))


@view
@internal
def _require_signed(signer: address, struct_hash: bytes32, v: uint8, r: bytes32, s: bytes32):
    assert v == 27 or v == 28, "v"
    assert convert(s, uint256) <= HALF_ORDER, "s"
    digest: bytes32 = keccak256(concat(0x1901, self._domain(), struct_hash))
    recovered: address = ecrecover(digest, v, r, s)
    assert recovered != empty(address) and recovered == signer, "signature"


@internal
def _authorized(
    kind: bytes32, payer: address, payee: address, amount: uint256, valid_after: uint256, valid_before: uint256,
    nonce: bytes32, v: uint8, r: bytes32, s: bytes32
):
    assert block.timestamp > valid_after, "early"
    assert block.timestamp < valid_before, "late"
    assert not self.authorizationState[payer][nonce], "used"
    struct_hash: bytes32 = keccak256(abi_encode(kind, payer, payee, amount, valid_after, valid_before, nonce))
    self._require_signed(payer, struct_hash, v, r, s)
    self.authorizationState[payer][nonce] = True
    log AuthorizationUsed(authorizer=payer, nonce=nonce)
    self._move(payer, payee, amount)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    assert receiver != empty(address) and receiver != self, "receiver"
    assert self.balanceOf[sender] >= amount, "balance"
    self.balanceOf[sender] -= amount
    self.balanceOf[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, value=amount)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)
