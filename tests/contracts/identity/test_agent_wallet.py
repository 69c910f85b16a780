"""The payment wallet of an agent: whose consent counts, for how long, and what ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import encode, reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.identity.agents import Bureau
from tests.contracts.payments.rail import wrap
from tests.contracts.signing import AGENT_WALLET_SET, SECP256K1_N, Key, digest, separator

WALLET, OTHER = Key.named("agent wallet"), Key.named("another wallet")
MINUTE = 60


def offer(
    bureau: Bureau, signature: bytes, *, wallet: bytes = WALLET.address, late: int = 60
) -> tuple:
    return bureau.agent, wallet, bureau.economy.now + late, signature


def accepted(bureau: Bureau, signature: bytes, wallet: bytes = WALLET.address) -> bool:
    """Whether this signature makes `wallet` the agent's; the state is as before."""
    mark = bureau.economy.evm.snapshot()
    try:
        bureau.send("setAgentWallet", *offer(bureau, signature, wallet=wallet))
        assert bureau.wallet() == wallet
        return True
    except Exception as failure:
        assert "BadSignature" in str(failure), failure
        assert bureau.wallet() == bureau.alice
        return False
    finally:
        bureau.economy.evm.revert(mark)


def test_holder_operator_and_approved_set_it(bureau: Bureau) -> None:
    for who, wallet in ((bureau.alice, WALLET), (bureau.bob, OTHER), (bureau.carol, WALLET)):
        receipt = bureau.set_wallet(wallet, sender=who)
        assert receipt.only("MetadataSet") == {
            "agentId": bureau.agent,
            "indexedMetadataKey": keccak(text="agentWallet"),
            "metadataKey": "agentWallet",
            "metadataValue": wallet.address,
        }
        assert bureau.wallet() == wallet.address
        assert bureau.identity.call("getMetadata", bureau.agent, "agentWallet") == wallet.address


def test_unsetting(bureau: Bureau) -> None:
    for who in (bureau.alice, bureau.bob, bureau.carol):
        bureau.set_wallet(WALLET)
        receipt = bureau.send("unsetAgentWallet", bureau.agent, sender=who)
        assert receipt.only("MetadataSet")["metadataValue"] == b""
        assert bureau.wallet() == ZERO  # not the holder again: it was taken back on purpose
        assert bureau.identity.call("getMetadata", bureau.agent, "agentWallet") == b""
    with reverts("UnknownAgent"):
        bureau.send("unsetAgentWallet", 99)
    with reverts("NotAgentOperator"):
        bureau.send("unsetAgentWallet", bureau.agent, sender=bureau.dave)
    with reverts("NotAgentOperator"):  # nor the wallet itself
        bureau.send("unsetAgentWallet", bureau.agent, sender=WALLET.address)


def test_refusals_in_order(bureau: Bureau) -> None:
    now, agent = bureau.economy.now, bureau.agent
    with reverts("UnknownAgent"):
        bureau.send("setAgentWallet", 99, ZERO, now - 1, b"", sender=bureau.dave)
    with reverts("NotAgentOperator"):
        bureau.send("setAgentWallet", agent, ZERO, now - 1, b"", sender=bureau.dave)
    with reverts("ZeroAddress"):
        bureau.send("setAgentWallet", agent, ZERO, now - 1, b"")
    with reverts("AuthExpired"):
        bureau.send("setAgentWallet", agent, WALLET.address, now - 1, b"")
    with reverts("DeadlineTooFar"):
        bureau.send("setAgentWallet", agent, WALLET.address, now + 301, b"")
    with reverts("DeadlineTooFar"):
        bureau.send("setAgentWallet", agent, WALLET.address, 2**256 - 1, b"")
    with reverts("BadSignature"):
        bureau.send("setAgentWallet", agent, WALLET.address, now + 300, b"")
    assert bureau.wallet() == bureau.alice


@pytest.mark.parametrize(
    ("late", "error"),
    [(301, "DeadlineTooFar"), (300, None), (299, None), (1, None), (0, None), (-1, "AuthExpired")],
)
def test_deadlines(bureau: Bureau, late: int, error: str | None) -> None:
    deadline = bureau.economy.now + late
    args = (bureau.agent, WALLET.address, deadline, bureau.consent(WALLET, deadline))
    if error is None:
        bureau.send("setAgentWallet", *args)
        assert bureau.wallet() == WALLET.address
    else:
        with reverts(error):
            bureau.send("setAgentWallet", *args)


def altered(bureau: Bureau) -> dict[str, bytes]:
    """Digests that differ from the right one in one thing each."""
    e, deadline = bureau.economy, bureau.economy.now + 60
    domain, chain = bureau.domain(), bureau.economy.evm.chain_id
    values = [bureau.agent, WALLET.address, bureau.alice, deadline]

    def signed(separator_: bytes, *fields: object, kind: str = AGENT_WALLET_SET) -> bytes:
        types = ["bytes32", "uint256", "address", "address", "uint256"]
        return digest(separator_, keccak(encode(types, [keccak(text=kind), *fields])))

    def but(place: int, value: object) -> bytes:
        return signed(domain, *[value if n == place else v for n, v in enumerate(values)])

    name = "ERC8004IdentityRegistry"
    return {
        "agent": but(0, bureau.agent + 1),
        "wallet": but(1, OTHER.address),
        "owner": but(2, bureau.bob),
        "deadline": but(3, deadline + 1),
        "type": signed(domain, *values, kind=AGENT_WALLET_SET.replace("newWallet", "wallet")),
        "domain name": signed(bureau.domain(name="ERC8004ReputationRegistry"), *values),
        "domain version": signed(bureau.domain(version="2"), *values),
        "chain": signed(separator(name, "1", chain + 1, e.diamond), *values),
        "contract": signed(separator(name, "1", chain, e.code["AgentIdentityFacet"]), *values),
        "another domain here": signed(bureau.domain(name="localharness-x402"), *values),
    }


def test_every_signed_thing_is_checked(bureau: Bureau) -> None:
    assert accepted(bureau, bureau.consent(WALLET, bureau.economy.now + 60))
    for what, wrong in altered(bureau).items():
        assert not accepted(bureau, WALLET.sign(wrong)), what


def test_forms_of_a_signature(bureau: Bureau) -> None:
    right = bureau.digest(WALLET.address, bureau.economy.now + 60)
    good = WALLET.sign(right)
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    assert accepted(bureau, good)
    assert accepted(bureau, good[:64] + bytes([v - 27]))
    high = r + (SECP256K1_N - s).to_bytes(32, "big") + bytes([55 - v])
    compact = r + ((v - 27) << 255 | s).to_bytes(32, "big")
    wrong: dict[str, bytes] = {
        "high s": high,
        "other parity": good[:64] + bytes([55 - v]),
        "v 2": good[:64] + b"\x02",
        "v 29": good[:64] + b"\x1d",
        "compact": compact,
        "short": good[:64],
        "long": good + b"\0",
        "empty": b"",
        "zeros": b"\0" * 65,
        "the holder's": bureau.economy.keys["alice"].sign(right),
        "the operator's": bureau.economy.keys["bob"].sign(right),
        "personal": WALLET.sign(keccak(b"\x19Ethereum Signed Message:\n32" + right)),
        "wrapped": wrap(bureau.economy.diamond, b"", good),
    }
    for what, signature in wrong.items():
        assert not accepted(bureau, signature), what


@pytest.mark.parametrize(
    ("mode", "good"),
    [(0, True), *[(mode, False) for mode in range(1, 8)]],
    ids=["accept", "refuse", "revert", "short", "burn gas", "bomb", "dirty", "empty"],
)
def test_a_contract_consents_by_erc_1271(bureau: Bureau, mode: int, good: bool) -> None:
    contract = bureau.economy.bound("HostileSigner", bureau.economy.create("HostileSigner"))
    contract.send("setMode", mode, sender=bureau.dave)
    for signature in (b"", b"\x05" * 65, b"x" * 200):
        assert accepted(bureau, signature, contract.address) is good


def test_an_agents_own_account_can_be_its_wallet(bureau: Bureau) -> None:
    """ERC-1271 of the token-bound account: the holder's signature is the account's."""
    economy = bureau.economy
    economy.tba.send("createTokenBoundAccount", bureau.agent, sender=bureau.dave)
    account, deadline = economy.account_of(bureau.agent), economy.now + 60
    right = bureau.digest(account, deadline)
    assert accepted(bureau, economy.keys["alice"].sign(right), account)
    assert not accepted(bureau, economy.keys["bob"].sign(right), account)


def test_a_delegated_account_consents_both_ways(bureau: Bureau) -> None:
    """EIP-7702: the account's own key counts, and so does what its delegate accepts."""
    economy, right = bureau.economy, bureau.digest(WALLET.address, bureau.economy.now + 60)
    economy.evm.set_code(WALLET.address, b"\xef\x01\x00" + economy.create("HostileSigner"))
    assert accepted(bureau, WALLET.sign(right))
    assert accepted(bureau, b"whatever the delegate takes")
    refusing = economy.bound("HostileSigner", economy.create("HostileSigner"))
    economy.evm.set_code(WALLET.address, b"\xef\x01\x00" + refusing.address)
    economy.evm.call(WALLET.address, refusing.data("setMode", 1), sender=WALLET.address)
    assert accepted(bureau, WALLET.sign(right))
    assert not accepted(bureau, OTHER.sign(right))
    assert not accepted(bureau, b"whatever")


def test_an_account_without_code_consents_by_key_only(bureau: Bureau) -> None:
    assert not accepted(bureau, b"", bureau.dave)
    assert not accepted(bureau, b"\x01" * 65, b"\x01" + b"\0" * 18 + b"\x04")


def leave_and_return(bureau: Bureau) -> None:
    bureau.transfer(bureau.dave)
    bureau.transfer(bureau.alice)


def by_approved(bureau: Bureau) -> None:
    args = (bureau.alice, bureau.dave, bureau.agent)
    bureau.economy.erc721.send("transferFrom", *args, sender=bureau.carol)


def safely(bureau: Bureau) -> None:
    name = "safeTransferFrom(address,address,uint256)"
    args = (bureau.alice, bureau.dave, bureau.agent)
    bureau.economy.erc721.send(name, *args, sender=bureau.alice)


@pytest.mark.parametrize("was_set", [True, False])
@pytest.mark.parametrize(
    "move",
    [
        lambda b: b.transfer(b.dave),
        lambda b: b.transfer(b.alice),
        leave_and_return,
        by_approved,
        safely,
    ],
    ids=["away", "to oneself", "away and back", "by the approved", "safely"],
)
def test_a_transfer_ends_the_wallet(
    bureau: Bureau, move: Callable[[Bureau], None], was_set: bool
) -> None:
    if was_set:
        bureau.set_wallet(WALLET)
    move(bureau)
    assert bureau.wallet() == ZERO
    assert bureau.identity.call("getMetadata", bureau.agent, "agentWallet") == b""
    bureau.set_wallet(OTHER)  # by whoever holds the agent now
    assert bureau.wallet() == OTHER.address


def test_an_unset_wallet_stays_unset_through_a_transfer(bureau: Bureau) -> None:
    bureau.send("unsetAgentWallet", bureau.agent)
    bureau.transfer(bureau.dave)
    assert bureau.wallet() == ZERO


def test_consent_is_to_one_holder(bureau: Bureau) -> None:
    """What the wallet signed for alice is of no use to who bought the agent; to alice it is, until its deadline."""
    deadline = bureau.economy.now + 300
    args = (bureau.agent, WALLET.address, deadline, bureau.consent(WALLET, deadline))
    bureau.send("setAgentWallet", *args)
    bureau.transfer(bureau.dave)
    with reverts("BadSignature"):
        bureau.send("setAgentWallet", *args, sender=bureau.dave)
    with reverts("NotAgentOperator"):
        bureau.send("setAgentWallet", *args)
    bureau.transfer(bureau.alice)
    bureau.send("setAgentWallet", *args)
    assert bureau.wallet() == WALLET.address
    bureau.economy.later(301)
    with reverts("AuthExpired"):
        bureau.send("setAgentWallet", *args)


def test_named_identities_have_wallets_too(economy: Economy) -> None:
    named = economy.register("alice", "alice")
    alice = economy.address("alice")
    assert economy.agents.call("getAgentWallet", named) == alice
    economy.erc721.send("transferFrom", alice, economy.address("bob"), named, sender=alice)
    assert economy.agents.call("getAgentWallet", named) == ZERO
    assert (
        economy.agents.call("getAgentWallet", 0)
        == economy.agents.call("getAgentWallet", 99)
        == ZERO
    )
