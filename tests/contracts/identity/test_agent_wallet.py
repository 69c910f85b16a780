"""The payment wallet of an agent: whose consent counts, for how long, and what ends it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from eth_utils.crypto import keccak

from tests.contracts.calls import reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.identity.agents import Bureau
from tests.contracts.signing import Key

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


def test_an_agents_own_account_can_be_its_wallet(bureau: Bureau) -> None:
    """ERC-1271 of the token-bound account: the holder's signature is the account's."""
    economy = bureau.economy
    economy.tba.send("createTokenBoundAccount", bureau.agent, sender=bureau.dave)
    account, deadline = economy.account_of(bureau.agent), economy.now + 60
    right = bureau.digest(account, deadline)
    assert accepted(bureau, economy.keys["alice"].sign(right), account)
    assert not accepted(bureau, economy.keys["bob"].sign(right), account)


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
