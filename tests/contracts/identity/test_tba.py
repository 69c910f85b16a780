"""Token-bound accounts: where they are, who may act through them, whose signature counts."""

from __future__ import annotations

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import Bound, Reverted, encode, reverts
from tests.contracts.economy import CANONICAL_REGISTRY, ETHER, ZERO, Economy, bare
from tests.contracts.signing import nonce

VALID, INVALID = bytes.fromhex("1626ba7e"), b"\xff" * 4
SIGNER = bytes.fromhex("523e3260")


def account_address(economy: Economy, token_id: int) -> bytes:
    """ERC-6551 and EIP-1014, spelled out."""
    code = (
        bytes.fromhex("3d60ad80600a3d3981f3363d3d373d3d3d363d73")
        + economy.account_impl
        + bytes.fromhex("5af43d82803e903d91602b57fd5bf3")
        + encode(
            ["bytes32", "uint256", "address", "uint256"],
            [b"\0" * 32, economy.evm.chain_id, economy.diamond, token_id],
        )
    )
    return keccak(b"\xff" + CANONICAL_REGISTRY + b"\0" * 32 + keccak(code))[12:]


@pytest.fixture
def account(economy: Economy) -> Bound:
    """The deployed account of identity 1, held by alice."""
    id_ = economy.register("alice", "agent")
    receipt = economy.tba.send("createTokenBoundAccount", id_, sender=economy.address("bob"))
    return economy.bound("TokenBoundAccount", receipt.value)


# -- addresses and deployment -------------------------------------------------------------------


def test_configuration_once_and_only_if_it_works() -> None:
    economy = bare()
    owner, alice, tba = economy.owner.address, economy.address("alice"), economy.tba
    registry, implementation = CANONICAL_REGISTRY, economy.account_impl
    economy.registry.send("register", "early", sender=alice)
    assert (tba.call("tbaRegistry"), tba.call("tbaAccountImpl")) == (ZERO, ZERO)
    with reverts("NotConfigured"):
        tba.call("tokenBoundAccount", 1)
    with reverts("NotConfigured"):
        tba.send("createTokenBoundAccount", 1, sender=alice)
    with reverts("NotOwner"):
        tba.send("setTbaConfig", registry, implementation, sender=alice)
    for pair in ((ZERO, implementation), (registry, ZERO)):
        with reverts("ZeroAddress"):
            tba.send("setTbaConfig", *pair, sender=owner)
    for pair in ((alice, implementation), (registry, alice)):
        with reverts("NotConfigured"):
            tba.send("setTbaConfig", *pair, sender=owner)
    liar = _lying_registry(economy)
    with reverts("RegistryMismatch"):
        tba.send("setTbaConfig", liar, implementation, sender=owner)
    receipt = tba.send("setTbaConfig", registry, implementation, sender=owner)
    expected = {"registry": registry, "implementation": implementation}
    assert receipt.only("TbaConfigSet") == expected
    assert (tba.call("tbaRegistry"), tba.call("tbaAccountImpl")) == (registry, implementation)
    with reverts("AlreadyInitialised"):
        tba.send("setTbaConfig", registry, implementation, sender=owner)


def test_another_registry_that_keeps_to_the_standard_will_do() -> None:
    economy = bare()
    registry = economy.create("ERC6551Registry")
    configured = (registry, economy.account_impl)
    economy.tba.send("setTbaConfig", *configured, sender=economy.owner.address)
    assert economy.tba.call("tbaRegistry") == registry
    alice = economy.address("alice")
    id_ = economy.registry.send("register", "early", sender=alice).value
    created = economy.tba.send("createTokenBoundAccount", id_, sender=alice).value
    assert created == economy.tba.call("tokenBoundAccount", id_)
    account = economy.bound("TokenBoundAccount", created)
    assert account.call("token") == (economy.evm.chain_id, economy.diamond, id_)
    assert account.call("owner") == alice


def _lying_registry(economy: Economy) -> bytes:
    # PUSH20 1, PUSH0, MSTORE, 32 bytes returned: answers every question with one address.
    runtime = bytes.fromhex("73" + "11" * 20 + "5f5260205ff3")
    init = bytes.fromhex("60" + f"{len(runtime):02x}" + "80600a5f395ff3").ljust(10, b"\0") + runtime
    created = economy.evm.deploy(init).created
    assert created is not None and economy.evm.code(created) == runtime
    return created


def test_addresses_are_the_canonical_registrys(economy: Economy) -> None:
    for n in range(3):
        id_ = economy.register("alice", f"agent-{n}")
        expected = account_address(economy, id_)
        assert economy.tba.call("tokenBoundAccount", id_) == expected
        assert economy.tba.call("tokenBoundAccountByName", f"agent-{n}") == expected
        told = economy.registry6551.call(
            "account", economy.account_impl, b"\0" * 32, economy.evm.chain_id, economy.diamond, id_
        )
        assert told == expected


def test_unknown_identities_have_no_account(economy: Economy) -> None:
    for name, arg in (("tokenBoundAccount", 9), ("tokenBoundAccountByName", "nobody")):
        with reverts("NonexistentToken"):
            economy.tba.call(name, arg)
    with reverts("NonexistentToken"):
        economy.tba.send("createTokenBoundAccount", 9, sender=economy.address("bob"))


def test_deployment_is_for_anyone_and_grants_nothing_t_i2(economy: Economy) -> None:
    bob = economy.address("bob")
    id_ = economy.register("alice", "agent")
    receipt = economy.tba.send("createTokenBoundAccount", id_, sender=bob)
    address = account_address(economy, id_)
    assert receipt.value == address
    assert receipt.only("TokenBoundAccountCreated") == {"tokenId": id_, "account": address}
    logs = [log for log in receipt.outcome.logs if log.address == CANONICAL_REGISTRY]
    created = economy.registry6551.interface.event(logs[0])
    assert created is not None and created.name == "ERC6551AccountCreated"
    assert created.args["account"] == address and created.args["tokenId"] == id_
    code = economy.evm.code(address)
    assert (len(code), code[10:30]) == (173, economy.account_impl)
    again = economy.tba.send("createTokenBoundAccount", id_, sender=bob)
    assert (again.value, again.events) == (address, [])
    account = economy.bound("TokenBoundAccount", address)
    assert not account.call("isAuthorizedSigner", bob)
    assert not account.call("isAuthorizedSigner", CANONICAL_REGISTRY)
    assert not account.call("isAuthorizedSigner", economy.diamond)
    assert account.call("token") == (economy.evm.chain_id, economy.diamond, id_)


def test_the_registry_works_without_the_diamond(economy: Economy) -> None:
    args = (economy.account_impl, nonce(5), 1, economy.diamond, 77)
    created = economy.registry6551.send("createAccount", *args, sender=economy.address("bob"))
    assert created.value == economy.registry6551.call("account", *args)
    same = economy.registry6551.send("createAccount", *args, sender=economy.address("carol"))
    assert (same.value, same.events) == (created.value, [])
    # An account of another chain answers to nobody here.
    account = economy.bound("TokenBoundAccount", created.value)
    assert account.call("token") == (1, economy.diamond, 77)
    assert account.call("owner") == ZERO


def test_a_failing_creation_has_a_name(economy: Economy) -> None:
    # An occupied address makes CREATE2 fail (EIP-7610: nonce set, no code).
    args = (economy.account_impl, nonce(6), 1, economy.diamond, 78)
    address = economy.registry6551.call("account", *args)
    economy.evm.state.increment_nonce(address)
    with reverts("AccountCreationFailed"):
        economy.registry6551.send("createAccount", *args, sender=economy.address("bob"))


# -- acting --------------------------------------------------------------------------------------


def test_the_holder_acts_and_state_counts_t_i3(economy: Economy, account: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    economy.credits.send("transfer", account.address, 5 * ETHER, sender=alice)
    assert account.call("state") == 0
    pay = economy.credits.data("transfer", bob, 2 * ETHER)
    before = economy.balance(bob)
    result = account.send("execute", economy.credits.address, 0, pay, 0, sender=alice).value
    assert int.from_bytes(result, "big") == 1
    assert economy.balance(bob) - before == 2 * ETHER
    assert account.call("state") == 1
    account.send("addSigner", bob, sender=alice)
    account.send("removeSigner", bob, sender=alice)
    assert account.call("state") == 3


def test_strangers_do_not_act_t_i1(economy: Economy, account: Bound) -> None:
    for sender in (economy.address("bob"), economy.owner.address, economy.diamond):
        with reverts("NotAuthorised"):
            account.send("execute", sender, 0, b"", 0, sender=sender)
        with reverts("NotAuthorised"):
            account.send("executeBatch", [sender], [0], [b""], sender=sender)
        for name in ("addSigner", "removeSigner"):
            with reverts("OnlyOwner"):
                account.send(name, sender, sender=sender)
    assert account.call("state") == 0


@pytest.mark.parametrize("operation", [1, 2, 3, 255])
def test_only_plain_calls(economy: Economy, account: Bound, operation: int) -> None:
    alice = economy.address("alice")
    with reverts("OnlyCall"):
        account.send("execute", alice, 0, b"", operation, sender=alice)


def test_native_value_comes_and_goes(economy: Economy, account: Bound) -> None:
    alice, bob = economy.address("alice"), economy.address("bob")
    economy.evm.fund(alice, 10)
    assert economy.evm.call(account.address, b"", sender=alice, value=3).success
    account.send("execute", bob, 5, b"", 0, sender=alice, value=2)
    assert (economy.evm.balance(account.address), economy.evm.balance(bob)) == (0, 5)


def test_a_failing_call_passes_its_reason_on(economy: Economy, account: Bound) -> None:
    alice = economy.address("alice")
    bad = economy.registry.data("register", "BAD")
    for name, args in (
        ("execute", (economy.diamond, 0, bad, 0)),
        ("executeBatch", ([economy.diamond], [0], [bad])),
    ):
        with pytest.raises(Reverted) as failure:
            account.send(name, *args, sender=alice)
        assert economy.registry.interface.error(failure.value.raw)[0] == "InvalidName"
    assert account.call("state") == 0


def test_batches(economy: Economy, account: Bound) -> None:
    alice = economy.address("alice")
    calls = [economy.registry.data("register", f"owned-{n}") for n in range(16)]
    account.send("executeBatch", [economy.diamond] * 16, [0] * 16, calls, sender=alice)
    assert economy.owned.call("ownedCount", account.address) == 16
    assert account.call("state") == 1
    with reverts("BatchTooLarge", 16):
        account.send("executeBatch", [alice] * 17, [0] * 17, [b""] * 17, sender=alice)
    with reverts("LengthMismatch"):
        account.send("executeBatch", [alice], [0, 0], [b""], sender=alice)
    with reverts("LengthMismatch"):
        account.send("executeBatch", [alice], [0], [b"", b""], sender=alice)
    # All or nothing: the second call is refused, so the first did not happen.
    mixed = [economy.registry.data("register", "good"), economy.registry.data("register", "BAD")]
    with pytest.raises(Reverted):
        account.send("executeBatch", [economy.diamond] * 2, [0, 0], mixed, sender=alice)
    assert not economy.registry.call("isTaken", "good")


def test_signers_belong_to_the_holder_who_enrolled_them(economy: Economy, account: Bound) -> None:
    alice, bob, device = (economy.address(name) for name in ("alice", "bob", "carol"))
    with reverts("ZeroAddress"):
        account.send("addSigner", ZERO, sender=alice)
    receipt = account.send("addSigner", device, sender=alice)
    assert receipt.only("SignerAdded") == {"holder": alice, "signer": device}
    assert account.call("isAuthorizedSigner", device)
    assert account.call("isValidSigner", device, b"") == SIGNER
    account.send("execute", alice, 0, b"", 0, sender=device)
    with reverts("OnlyOwner"):  # a signer enrols nobody
        account.send("addSigner", bob, sender=device)
    # Sold: the old device is out at once. Bought back: it is in again.
    economy.erc721.send("transferFrom", alice, bob, 1, sender=alice)
    assert not account.call("isAuthorizedSigner", device)
    assert account.call("isValidSigner", device, b"") == b"\0" * 4
    with reverts("NotAuthorised"):
        account.send("execute", alice, 0, b"", 0, sender=device)
    with reverts("NotAuthorised"):
        account.send("execute", alice, 0, b"", 0, sender=alice)
    economy.erc721.send("transferFrom", bob, alice, 1, sender=bob)
    account.send("execute", alice, 0, b"", 0, sender=device)
    receipt = account.send("removeSigner", device, sender=alice)
    assert receipt.only("SignerRemoved") == {"holder": alice, "signer": device}
    with reverts("NotAuthorised"):
        account.send("execute", alice, 0, b"", 0, sender=device)


def test_no_owner_no_authority(economy: Economy, account: Bound) -> None:
    """Burned identity, other chain: nobody is authorised, the zero address least of all."""
    alice = economy.address("alice")
    chain = economy.evm.chain_id
    economy.evm.chain_id = 5
    economy.evm.timestamp += 0  # the new context carries the new chain id
    try:
        assert account.call("owner") == ZERO
        for sender in (alice, ZERO):
            with reverts("NotAuthorised"):
                account.send("execute", alice, 0, b"", 0, sender=sender)
            with reverts("OnlyOwner"):
                account.send("addSigner", alice, sender=sender)
    finally:
        economy.evm.chain_id = chain
        economy.evm.timestamp += 0
    assert account.call("owner") == alice
    economy.add_facet("BurnFacet").send("burn", 1, sender=alice)
    assert account.call("owner") == ZERO
    with reverts("NotAuthorised"):
        account.send("execute", alice, 0, b"", 0, sender=alice)
    with reverts("NotAuthorised"):
        account.send("execute", alice, 0, b"", 0, sender=ZERO)


def test_execution_does_not_nest(economy: Economy, account: Bound) -> None:
    alice = economy.address("alice")
    account.send("addSigner", account.address, sender=alice)
    inner = account.data("execute", alice, 0, b"", 0)
    with reverts("Reentrancy"):
        account.send("execute", account.address, 0, inner, 0, sender=alice)
    batch = account.data("executeBatch", [alice], [0], [b""])
    with reverts("Reentrancy"):
        account.send("execute", account.address, 0, batch, 0, sender=alice)


def test_one_transaction_may_execute_several_times(economy: Economy, account: Bound) -> None:
    alice = economy.address("alice")
    caller = economy.bound("Multicaller", economy.create("Multicaller"))
    account.send("addSigner", caller.address, sender=alice)
    one = account.data("execute", alice, 0, b"", 0)
    many = account.data("executeBatch", [alice], [0], [b""])
    results = caller.send("run", [account.address] * 4, [one, many, one, many], sender=alice).value
    assert results == (True,) * 4
    assert account.call("state") == 5  # the signer, then four


def test_an_account_refuses_its_own_identity(economy: Economy, account: Bound) -> None:
    alice = economy.address("alice")
    # The registry refuses first; the account would, too.
    with reverts("OwnershipCycle"):
        account_call = account.data("onERC721Received", alice, alice, 1, b"")
        outcome = economy.evm.call(account.address, account_call, sender=economy.diamond)
        account._value("onERC721Received", outcome)
    other = economy.register("alice", "other")
    economy.erc721.send(
        "safeTransferFrom(address,address,uint256)", alice, account.address, other, sender=alice
    )
    assert economy.registry.call("ownerOfId", other) == account.address
    # The same number from another collection is another token, and so is the one on another chain.
    answer = account.call("onERC721Received", alice, alice, 1, b"", sender=alice)
    assert answer == bytes.fromhex("150b7a02")
    bound_elsewhere = (economy.account_impl, b"\0" * 32, 5, economy.diamond, 1)
    created = economy.registry6551.send("createAccount", *bound_elsewhere, sender=alice).value
    foreign = economy.bound("TokenBoundAccount", created)
    answer = foreign.call("onERC721Received", alice, alice, 1, b"", sender=economy.diamond)
    assert answer == bytes.fromhex("150b7a02")


def test_interfaces(account: Bound) -> None:
    for known in ("01ffc9a7", "6faff5f1", "51945447", "1626ba7e", "150b7a02"):
        assert account.call("supportsInterface", bytes.fromhex(known))
    assert not account.call("supportsInterface", b"\xff" * 4)


def test_the_implementation_itself_is_nobodys(economy: Economy) -> None:
    account = economy.bound("TokenBoundAccount", economy.account_impl)
    assert account.call("token") == (0, ZERO, 0)
    assert account.call("owner") == ZERO
    with reverts("NotAuthorised"):
        account.send("execute", ZERO, 0, b"", 0, sender=ZERO)


# -- signatures ---------------------------------------------------------------------------------


def test_signatures_of_authorised_signers(economy: Economy, account: Bound) -> None:
    alice, bob = economy.keys["alice"], economy.keys["bob"]
    hash_ = keccak(b"message")
    assert account.call("isValidSignature", hash_, alice.sign(hash_)) == VALID
    assert account.call("isValidSignature", hash_, bob.sign(hash_)) == INVALID
    account.send("addSigner", bob.address, sender=alice.address)
    assert account.call("isValidSignature", hash_, bob.sign(hash_)) == VALID
    assert account.call("isValidSignature", keccak(b"other"), bob.sign(hash_)) == INVALID
    for junk in (b"", b"\0" * 19, b"\0" * 64, b"\0" * 65, alice.sign(hash_) + b"\0"):
        assert account.call("isValidSignature", hash_, junk) == INVALID


def test_a_seller_signs_no_more(economy: Economy, account: Bound) -> None:
    alice, bob = economy.keys["alice"], economy.keys["bob"]
    hash_ = keccak(b"message")
    economy.erc721.send("transferFrom", alice.address, bob.address, 1, sender=alice.address)
    assert account.call("isValidSignature", hash_, alice.sign(hash_)) == INVALID
    assert account.call("isValidSignature", hash_, bob.sign(hash_)) == VALID


def chain_of_accounts(economy: Economy, depth: int) -> list[Bound]:
    """accounts[0] is held by accounts[1], and so on; the last by alice."""
    alice = economy.address("alice")
    ids = [economy.register("alice", f"level-{n}") for n in range(depth + 1)]
    accounts = []
    for id_ in ids:
        created = economy.tba.send("createTokenBoundAccount", id_, sender=alice).value
        accounts.append(economy.bound("TokenBoundAccount", created))
    for lower, upper in zip(ids, accounts[1:], strict=False):
        economy.erc721.send("transferFrom", alice, upper.address, lower, sender=alice)
    return accounts


@pytest.mark.parametrize(("depth", "expected"), [(1, VALID), (2, VALID), (3, VALID), (4, INVALID)])
def test_holders_that_are_accounts_up_to_three_deep(
    economy: Economy, depth: int, expected: bytes
) -> None:
    accounts = chain_of_accounts(economy, depth)
    hash_ = keccak(b"message")
    signature = b"".join(a.address for a in accounts[1:]) + economy.keys["alice"].sign(hash_)
    assert accounts[0].call("isValidSignature", hash_, signature) == expected
    assert accounts[0].call("isValidSignature", hash_, economy.keys["alice"].sign(hash_)) == INVALID
    stranger = b"".join(a.address for a in accounts[1:]) + economy.keys["bob"].sign(hash_)
    assert accounts[0].call("isValidSignature", hash_, stranger) == INVALID


def test_signers_of_a_holding_account_count(economy: Economy) -> None:
    accounts = chain_of_accounts(economy, 1)
    device = economy.keys["dave"]
    accounts[1].send("addSigner", device.address, sender=economy.address("alice"))
    hash_ = keccak(b"message")
    signature = accounts[1].address + device.sign(hash_)
    assert accounts[0].call("isValidSignature", hash_, signature) == VALID


def test_a_ring_of_accounts_ends(economy: Economy) -> None:
    alice = economy.address("alice")
    first, second = chain_of_accounts(economy, 1)
    # first is held by second already; close the ring.
    economy.erc721.send("transferFrom", alice, first.address, 2, sender=alice)
    ring = (second.address + first.address) * 8
    hash_ = keccak(b"message")
    signature = ring + economy.keys["alice"].sign(hash_)
    data = first.data("isValidSignature", hash_, signature)
    outcome = economy.evm.view(first.address, data, gas=300_000)
    assert outcome.success and outcome.output[:4] == INVALID


def test_holders_with_other_code_are_asked(economy: Economy, account: Bound) -> None:
    alice = economy.address("alice")
    wallet = economy.bound("HostileSigner", economy.create("HostileSigner"))
    economy.erc721.send("transferFrom", alice, wallet.address, 1, sender=alice)
    hash_ = keccak(b"message")
    signature = wallet.address + b"whatever the wallet likes"
    assert account.call("isValidSignature", hash_, signature) == VALID
    assert account.call("isValidSignature", hash_, b"whatever") == INVALID
    # Somebody else's wallet is not this holder.
    other = economy.create("HostileSigner")
    assert account.call("isValidSignature", hash_, other + b"x") == INVALID
    for mode in (1, 2, 3, 4, 5, 6, 7):
        wallet.send("setMode", mode, sender=alice)
        outcome = economy.evm.view(
            account.address, account.data("isValidSignature", hash_, signature), gas=2_000_000
        )
        assert outcome.success and outcome.output[:4] == INVALID, mode


@pytest.mark.parametrize(("depth", "expected"), [(2, VALID), (3, INVALID)])
def test_a_wallet_counts_as_a_holder_too(economy: Economy, depth: int, expected: bytes) -> None:
    """Behind two accounts it is the third, behind three it is never asked."""
    accounts = chain_of_accounts(economy, depth)
    alice, wallet = economy.address("alice"), economy.create("HostileSigner")
    economy.erc721.send("transferFrom", alice, wallet, depth + 1, sender=alice)
    signature = b"".join(a.address for a in accounts[1:]) + wallet + b"whatever it likes"
    assert accounts[0].call("isValidSignature", keccak(b"message"), signature) == expected


def test_what_an_account_granted_outlives_a_sale(economy: Economy, account: Bound) -> None:
    """Allowances, facilitators and a tithe: documented, and the buyer's to revoke."""
    alice, bob = economy.address("alice"), economy.address("bob")
    credits, x402 = economy.credits, economy.x402
    approve = credits.data("approve", alice, 2**256 - 1)
    account.send("execute", credits.address, 0, approve, 0, sender=alice)
    guild = economy.guild.send("createGuild", "collectors", sender=alice).value
    tithe = economy.tithe.data("setTithe", guild, 5_000)
    account.send("execute", economy.diamond, 0, tithe, 0, sender=alice)
    state = account.call("state")
    x402.send("setFacilitatorFor", 1, alice, True, sender=alice)
    economy.erc721.send("transferFrom", alice, bob, 1, sender=alice)
    assert account.call("state") == state
    credits.send("transfer", account.address, 10, sender=bob)
    credits.send("transferFrom", account.address, alice, 4, sender=alice)
    assert economy.balance(account.address) == 6
    assert economy.tithe.call("titheOf", account.address) == (guild, 5_000)
    assert x402.call("isFacilitator", account.address, alice)
    revoke = credits.data("approve", alice, 0), economy.tithe.data("revokeTithe")
    places = [credits.address, economy.diamond]
    account.send("executeBatch", places, [0, 0], list(revoke), sender=bob)
    x402.send("setFacilitatorFor", 1, alice, False, sender=bob)
    assert credits.call("allowance", account.address, alice) == 0
    assert economy.tithe.call("titheOf", account.address) == (0, 0)
    assert x402.call("facilitatorCount", account.address) == 0


def test_what_a_signature_covers_is_the_verifiers_duty(economy: Economy) -> None:
    """A digest without the account in it is good for every account of one holder: documented."""
    first, second = economy.register("alice", "a"), economy.register("alice", "b")
    handles = [
        economy.bound(
            "TokenBoundAccount",
            economy.tba.send("createTokenBoundAccount", id_, sender=ZERO).value,
        )
        for id_ in (first, second)
    ]
    hash_ = keccak(b"no account inside")
    signature = economy.keys["alice"].sign(hash_)
    assert [h.call("isValidSignature", hash_, signature) for h in handles] == [VALID, VALID]
