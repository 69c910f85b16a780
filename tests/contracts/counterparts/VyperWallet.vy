# pragma version 0.4.3
# pragma evm-version cancun
"""
@title VyperWallet: a smart wallet in another language
@license MIT
@notice One owner with a key, who acts through the wallet, signs for it (ERC-1271) and can hand it on. Written from the
        texts of ERC-1271 and EIP-712.
@dev The owner does not sign the digest that a contract asks about but `Signed(bytes32 digest)` in the wallet's own
     domain: otherwise one signature would count for every wallet of the same owner. What was signed before a hand-over
     and not used is void after it.
"""

event OwnerChanged:
    previous: indexed(address)
    owner: indexed(address)

MAGIC: constant(bytes4) = 0x1626ba7e
REFUSED: constant(bytes4) = 0xffffffff
TOKEN_RECEIVED: constant(bytes4) = 0x150b7a02
MAX_DATA: constant(uint256) = 4096
DOMAIN_TYPE: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
SIGNED_TYPE: constant(bytes32) = keccak256("Signed(bytes32 digest)")
NAME: constant(String[12]) = "Vyper Wallet"
VERSION: constant(String[1]) = "1"
HALF_ORDER: constant(uint256) = 57896044618658097711785492504343953926418782139537452191302581570759080747168

owner: public(address)


@deploy
def __init__(owner_: address):
    """
    @param owner_ Who acts and signs for the wallet.
    """
    assert owner_ != empty(address), "nobody"
    self.owner = owner_
    log OwnerChanged(previous=empty(address), owner=owner_)


@payable
@external
def __default__():
    """
    @notice Takes ether.
    """
    pass


@external
def handOver(successor: address):
    """
    @notice Gives the wallet to another owner. Owner only.
    """
    assert msg.sender == self.owner, "owner"
    assert successor != empty(address), "nobody"
    self.owner = successor
    log OwnerChanged(previous=msg.sender, owner=successor)


@payable
@external
def execute(target: address, amount: uint256, data: Bytes[MAX_DATA]) -> Bytes[MAX_DATA]:
    """
    @notice Calls `target` as the wallet, with `amount` wei. Owner only; what the call reverts with is passed on.
    """
    assert msg.sender == self.owner, "owner"
    return raw_call(target, data, value=amount, max_outsize=MAX_DATA)


@view
@external
def isValidSignature(digest: bytes32, signature: Bytes[MAX_DATA]) -> bytes4:
    """
    @notice ERC-1271: the magic value when the owner signed `digest` for this wallet, 65 bytes `r, s, v`.
    """
    if len(signature) != 65:
        return REFUSED
    s: uint256 = convert(slice(signature, 32, 32), uint256)
    v: uint256 = convert(slice(signature, 64, 1), uint256)
    if s > HALF_ORDER or (v != 27 and v != 28):
        return REFUSED
    r: uint256 = convert(slice(signature, 0, 32), uint256)
    signer: address = ecrecover(self._digest(digest), v, r, s)
    # A wallet that nobody owns, as when its code is a delegate (EIP-7702), would otherwise take every bad signature.
    if signer == empty(address) or signer != self.owner:
        return REFUSED
    return MAGIC


@pure
@external
def onERC721Received(operator: address, previous: address, id: uint256, data: Bytes[MAX_DATA]) -> bytes4:
    """
    @notice Identities may be handed to the wallet.
    """
    return TOKEN_RECEIVED


@view
@internal
def _digest(digest: bytes32) -> bytes32:
    domain: bytes32 = keccak256(abi_encode(DOMAIN_TYPE, keccak256(NAME), keccak256(VERSION), chain.id, self))
    return keccak256(concat(0x1901, domain, keccak256(abi_encode(SIGNED_TYPE, digest))))
