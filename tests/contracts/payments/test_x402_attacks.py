"""One test per attack on the payment rail that has no better home."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.economy import CANONICAL_REGISTRY, ETHER
from tests.contracts.payments.rail import Rail, wrap
from tests.contracts.signing import nonce


def test_replay_on_the_same_and_every_other_path_x_a1(rail: Rail) -> None:
    auth = rail.auth(value=10**16, to=rail.economy.account_of(rail.economy.register("bob", "a")))
    signature = rail.sign(auth)
    rail.settle(auth, signature)
    before = rail.balance(auth.to)
    carol = rail.carol.address
    with reverts("AuthAlreadyUsed"):
        rail.settle(auth, signature)
    with reverts("AuthAlreadyUsed"):
        rail.settle_upto(auth, 1, signature)
    with reverts("AuthAlreadyUsed"):
        rail.x402.send("settleForAgent", 1, *auth, signature, sender=carol)
    with reverts("AuthAlreadyUsed"):
        rail.x402.send("cancelAuthorization", auth.sender, auth.nonce, b"", sender=auth.sender)
    assert rail.batch([auth], [signature]).value == (1,)
    args = ([tuple(auth)], [1], [signature], False)
    assert rail.x402.send("settleUptoBatch", *args, sender=carol).value == (1,)
    assert rail.balance(auth.to) == before


def test_a_token_callback_with_the_same_nonce_x_a5(rail: Rail) -> None:
    economy = rail.economy
    token = economy.bound("HostileToken", economy.create("HostileToken"))
    economy.credits_facet.send("setCreditsToken", token.address, sender=economy.owner.address)
    alice = rail.alice.address
    token.send("mint", alice, 100 * ETHER, sender=alice)
    token.send("approve", economy.diamond, 2**255, sender=alice)
    auth = rail.auth()
    again = rail.x402.data("settle", *auth, rail.sign(auth))
    token.send("setReentry", economy.diamond, again, sender=alice)
    token.send("setMode", 6, sender=alice)
    rail.settle(auth)
    count, ok, answer = token.call("reentry")
    assert (count, ok, rail.x402.interface.error(answer)[0]) == (1, False, "Reentrancy")
    assert token.call("balanceOf", auth.to) == auth.value


def test_nonces_belong_to_their_payer_x_a7(rail: Rail) -> None:
    mine = rail.auth(5)
    theirs = rail.auth(5, sender=rail.bob.address, to=rail.alice.address)
    rail.settle(mine)
    assert not rail.used(theirs)
    rail.settle(theirs, rail.sign(theirs, rail.bob))
    # Nobody cancels for somebody else.
    with reverts("BadSignature"):
        args = (rail.alice.address, nonce(6), b"")
        rail.x402.send("cancelAuthorization", *args, sender=rail.bob.address)


def test_a_contract_signer_that_changes_its_mind_x_a8(rail: Rail) -> None:
    wallet = rail.wallet()
    first, second = (rail.auth(n, sender=wallet.address) for n in range(2))
    rail.settle(first, b"anything")
    wallet.send("setMode", 1, sender=rail.bob.address)
    with reverts("BadSignature"):
        rail.settle(second, b"anything")
    with reverts("AuthAlreadyUsed"):
        rail.settle(first, b"anything")


def test_a_gas_burning_signer_cannot_stop_a_batch_x_a8(rail: Rail) -> None:
    wallet = rail.wallet()
    wallet.send("setMode", 4, sender=rail.bob.address)
    bad, good = rail.auth(0, sender=wallet.address), rail.auth(1)
    args = ([tuple(bad), tuple(good)], [b"x", rail.sign(good)], False)
    data = rail.x402.data("settleBatch", *args)
    outcome = rail.economy.evm.call(
        rail.economy.diamond, data, sender=rail.carol.address, gas=500_000
    )
    assert outcome.success
    assert rail.x402.interface.decode("settleBatch", outcome.output) == (4, 0)


def test_gas_burning_factories_cannot_stop_a_batch_x_a8(rail: Rail) -> None:
    """ERC-6492 has the verifier call what the signature names: what that may use is bounded."""
    economy = rail.economy
    burner = economy.bound("HostileSigner", economy.create("HostileSigner"))
    burner.send("setMode", 4, sender=rail.bob.address)
    burn = wrap(burner.address, burner.data("isValidSignature", b"\0" * 32, b""), b"x")
    bad = [rail.auth(n, sender=economy.address("frank")) for n in range(2)]
    good = rail.auth(9)
    auths, signatures = [*bad, good], [burn, burn, rail.sign(good)]
    data = rail.x402.data("settleBatch", [tuple(auth) for auth in auths], signatures, False)
    mark = economy.evm.snapshot()
    for gas in (4_500_000, 20_000_000):
        economy.evm.revert(mark)
        outcome = economy.evm.call(economy.diamond, data, sender=rail.carol.address, gas=gas)
        assert outcome.success, gas
        assert rail.x402.interface.decode("settleBatch", outcome.output) == (4, 4, 0)
        assert outcome.gas_used < 2 * 2_000_000 + 250_000


def test_wrapped_signatures_cannot_spend_what_is_not_theirs_x_a9(rail: Rail) -> None:
    economy = rail.economy
    token, diamond = economy.credits, economy.diamond
    victim, attacker = rail.alice.address, economy.keys["erin"]
    # Something to steal: escrow in the diamond, and an allowance of the victim to the diamond.
    economy.bounty.send("postBounty", b"", 5 * ETHER, 3600, sender=rail.bob.address)
    everything = [token.call("balanceOf", a) for a in (diamond, victim, attacker.address)]
    auth = rail.auth(sender=economy.address("frank"), to=attacker.address)
    hostile_calls = [
        (token.address, token.data("transfer", attacker.address, 5 * ETHER)),
        (token.address, token.data("transferFrom", victim, attacker.address, ETHER)),
        (token.address, token.data("approve", attacker.address, 2**256 - 1)),
        (diamond, economy.bounty.data("cancelBounty", 1)),
        (diamond, economy.treasury.data("withdrawTreasury", attacker.address, 1)),
        (diamond, economy.ownership.data("transferOwnership", attacker.address)),
        (diamond, economy.erc721.data("setApprovalForAll", attacker.address, True)),
        (diamond, rail.x402.data("settle", *auth, b"")),
        (economy.sig_deployer, b"\xff" * 40),
    ]
    for factory, data in hostile_calls:
        signature = wrap(factory, data, attacker.sign(rail.digest(auth)))
        with reverts("BadSignature"):
            rail.settle(auth, signature)
        assert rail.batch([auth], [signature]).value == (4,)
    after = [token.call("balanceOf", a) for a in (diamond, victim, attacker.address)]
    assert after == everything
    assert token.call("allowance", diamond, attacker.address) == 0
    assert economy.ownership.call("owner") == economy.owner.address
    assert not rail.used(auth)


def test_a_wrapped_signature_deploys_the_payer_and_pays(rail: Rail) -> None:
    economy = rail.economy
    id_ = rail.account()
    account = economy.account_of(id_)
    auth = rail.auth(sender=account)
    factory_call = economy.registry6551.data(
        "createAccount",
        economy.account_impl,
        b"\0" * 32,
        economy.evm.chain_id,
        economy.diamond,
        id_,
    )
    signature = wrap(CANONICAL_REGISTRY, factory_call, rail.sign(auth))
    assert economy.evm.code(account) == b""
    # Valid, but the account has approved nobody: refused by the token, deployed by nobody.
    with reverts("TokenCallFailed"):
        rail.settle(auth, signature)
    assert economy.evm.code(account) == b""
    deployed = rail.deploy_account(id_)
    before = rail.balance(auth.to)
    rail.settle(auth, signature)  # now without a deployment
    assert rail.balance(auth.to) - before == auth.value
    assert deployed.call("state") == 1


def test_a_wrapped_signature_deploys_an_account_for_a_payment_of_nothing(rail: Rail) -> None:
    """The whole path with the deployment inside: an upto capture of zero needs no approval."""
    economy = rail.economy
    id_ = rail.account()
    account = economy.account_of(id_)
    auth = rail.auth(sender=account)
    via_diamond = economy.tba.data("createTokenBoundAccount", id_)
    signature = wrap(economy.diamond, via_diamond, rail.sign(auth))
    rail.settle_upto(auth, 0, signature)
    assert len(economy.evm.code(account)) == 173
    assert rail.used(auth)


def test_a_wrapped_signature_of_somebody_else_x_a9(rail: Rail) -> None:
    economy = rail.economy
    id_ = rail.account()
    auth = rail.auth(sender=economy.account_of(id_))
    data = economy.tba.data("createTokenBoundAccount", id_)
    with reverts("BadSignature"):
        signature = wrap(economy.diamond, data, rail.sign(auth, rail.bob))
        rail.settle_upto(auth, 0, signature)
    # A plain account that wraps its own valid ECDSA signature: never judged by recovery.
    plain = rail.auth()
    with reverts("BadSignature"):
        rail.settle(plain, wrap(economy.diamond, b"", rail.sign(plain)))


def test_wrapped_garbage_is_just_invalid_x_a9(rail: Rail) -> None:
    auth = rail.auth()
    good = wrap(rail.economy.diamond, b"data", rail.sign(auth))
    word = (2**256 - 1).to_bytes(32, "big")
    body, suffix = good[:-32], good[-32:]
    for bad in (
        suffix,
        b"\0" * 31 + suffix,
        b"\0" * 95 + suffix,
        word + body[32:] + suffix,  # a factory that is no address
        body[:32] + word + body[64:] + suffix,  # offsets beyond the end
        body[:64] + word + body[96:] + suffix,
        body[:96] + word + body[128:] + suffix,  # a length beyond the end
        body[:32] + len(body).to_bytes(32, "big") + body[64:] + suffix,
        body[:-32] + suffix,
    ):
        with reverts("BadSignature"):
            rail.settle(auth, bad)


def test_without_a_deployer_wrapped_signatures_are_invalid(rail: Rail) -> None:
    from tests.contracts.economy import bare

    economy = bare()
    owner = economy.owner.address
    economy.tba.send("setTbaConfig", CANONICAL_REGISTRY, economy.account_impl, sender=owner)
    economy.credits_facet.send("setCreditsToken", economy.credits.address, sender=owner)
    unset = Rail(economy)
    id_ = economy.register("alice", "payer")
    auth = unset.auth(sender=economy.account_of(id_))
    data = economy.tba.data("createTokenBoundAccount", id_)
    with reverts("BadSignature"):
        unset.settle_upto(auth, 0, wrap(economy.diamond, data, unset.sign(auth)))


def test_one_holders_accounts_are_different_payers_x_a10(rail: Rail) -> None:
    first, second = rail.account("first"), rail.account("second")
    accounts = [rail.deploy_account(id_) for id_ in (first, second)]
    auth = rail.auth(sender=accounts[0].address)
    signature = rail.sign(auth)  # alice holds both
    with reverts("BadSignature"):
        rail.settle(auth._replace(sender=accounts[1].address), signature)
    rail.settle(auth, signature)
    with reverts("BadSignature"):
        rail.settle(auth._replace(sender=accounts[1].address), signature)


def test_the_diamond_is_no_payer(rail: Rail) -> None:
    rail.economy.bounty.send("postBounty", b"", ETHER, 3600, sender=rail.bob.address)
    auth = rail.auth(sender=rail.economy.diamond)
    with reverts("BadSignature"):
        rail.settle(auth, rail.sign(auth))
