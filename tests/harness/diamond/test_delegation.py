"""A real EIP-7702 delegation, by a signed type-4 transaction on anvil: who signs for the account then.

What each door makes of a delegated account is in `tests/contracts/signatures/test_delegated.py`, where the designator is
put in place by hand; here a node puts it there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from eth_account import Account

from harness.chain.anvil import Anvil, AnvilChain, anvil_available
from harness.chain.errors import ContractError
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call
from harness.diamond.book import AddressBook
from harness.diamond.economy import Economy, Options, deploy
from harness.diamond.tokens import FwCredits
from harness.protocol.authorization import (
    PAYMENT,
    SignedAuthorization,
    facet_domain,
    sign,
)
from tests.contracts.counterparts.build import vyper
from tests.harness.contracts import artifact, everything
from tests.harness.diamond.conftest import LH, member

DESIGNATOR = b"\xef\x01\x00"
NOBODY = "0x" + "00" * 20
SET_CODE_GAS = 200_000
PHRASE = "an account that delegates"

pytestmark = pytest.mark.skipif(not anvil_available(), reason="anvil is not installed")


@pytest.fixture(scope="module")
def chain() -> Iterator[AnvilChain]:
    with Anvil() as anvil:
        yield anvil.chain


@pytest.fixture(scope="module")
def owner(chain: AnvilChain) -> Outbox:
    return member(chain, "owner")


@pytest.fixture(scope="module")
def economy(chain: AnvilChain, owner: Outbox, tmp_path_factory: pytest.TempPathFactory) -> Economy:
    book = AddressBook.of(chain, tmp_path_factory.mktemp("deployments"))
    return deploy(chain, owner, everything(), book, Options(issuers=(owner.address,)))


class Delegator:
    """An account with money that has approved the Diamond; a sponsor sends its delegations."""

    def __init__(self, chain: AnvilChain, economy: Economy, owner: Outbox) -> None:
        self.chain, self.economy, self.owner = chain, economy, owner
        self.outbox = member(chain, PHRASE)
        self.key = LocalSigner.from_phrase(PHRASE)
        self.sponsor = member(chain, "a sponsor of delegations")
        economy.credits.mint(self.key.address, 10 * LH)
        FwCredits(chain, economy.credits.address, self.outbox).approve(
            economy.diamond.address, 2**256 - 1
        )

    def delegate(self, to: str) -> None:
        """The account signs the authorisation, somebody else the type-4 transaction around it."""
        chain, sponsor = self.chain, LocalSigner.from_phrase("a sponsor of delegations")
        authorization = Account.sign_authorization(
            {"chainId": chain.chain_id, "address": to, "nonce": chain.nonce(self.key.address)},
            self.key._secret,
        )
        fees = chain.fees()
        signed = Account.sign_transaction(
            {
                "type": 4,
                "chainId": chain.chain_id,
                "nonce": chain.nonce(sponsor.address),
                "to": NOBODY,
                "value": 0,
                "gas": SET_CODE_GAS,
                "maxFeePerGas": 2 * fees.base_fee + 10**9,
                "maxPriorityFeePerGas": 10**9,
                "data": b"",
                "accessList": [],
                "authorizationList": [authorization],
            },
            sponsor._secret,
        )
        sent = chain.broadcast(bytes(signed.raw_transaction))
        deadline = time.monotonic() + 30
        while chain.receipt(sent) is None:  # a node under load mines a moment later
            assert time.monotonic() < deadline, "the delegation was not mined"
            time.sleep(0.05)

    def code(self) -> bytes:
        return self.chain.code(self.key.address)

    def pays(self, signature: bytes | None = None) -> bool:
        """Whether a payment settles, signed by the key or with these bytes instead."""
        payee = LocalSigner.from_phrase("payee").address
        domain = facet_domain(self.chain.chain_id, self.economy.diamond.address)
        signed = sign(
            self.key, PAYMENT, domain.separator,
            payee=payee, value=LH // 100, valid_before=2**40,
        )  # fmt: skip
        if signature is not None:
            signed = SignedAuthorization(signed.authorization, signature)
        before = self.economy.credits.balance_of(payee)
        try:
            self.economy.diamond.by(self.owner).x402.settle(signed)
        except ContractError as failure:
            assert "BadSignature" in str(failure), failure
            return False
        assert self.economy.credits.balance_of(payee) == before + LH // 100
        return True


def test_key_and_delegate(chain: AnvilChain, owner: Outbox, economy: Economy) -> None:
    payer, anything = Delegator(chain, economy, owner), b"\x05" * 65
    assert payer.code() == b""
    assert payer.pays() and not payer.pays(anything)

    accepting = owner.execute(
        Call(None, artifact("contracts/mocks/HostileSigner.sol").creation())
    ).created
    payer.delegate(str(accepting))
    assert payer.code() == DESIGNATOR + bytes.fromhex(str(accepting)[2:])
    assert payer.pays() and payer.pays(anything) and payer.pays(b"whatever the delegate takes")

    wallet = vyper("VyperWallet")
    someone = bytes.fromhex(owner.address[2:]).rjust(32, b"\0")
    foreign = owner.execute(Call(None, wallet.init_code + someone)).created
    payer.delegate(str(foreign))  # nobody owns it in this account's storage
    assert payer.code() == DESIGNATOR + bytes.fromhex(str(foreign)[2:])
    assert payer.pays() and not payer.pays(anything) and not payer.pays(b"\0" * 65)

    payer.delegate(NOBODY)  # taken back
    assert payer.code() == b""
    assert payer.pays() and not payer.pays(anything)
