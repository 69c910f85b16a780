"""What every chain must do, run against the in-process EVM and against anvil."""

from __future__ import annotations

import time

import pytest
from eth_utils.crypto import keccak

from harness.chain.errors import ContractError, Refusal, TransactionRejected
from harness.chain.fees import offer
from harness.chain.interface import Chain, DevChain
from harness.chain.keys import LocalSigner
from harness.chain.outbox import Outbox
from harness.chain.records import Call, LogFilter, Receipt
from harness.chain.transaction import Transaction
from harness.protocol.addresses import create_address

from .conftest import WEI, deploy_sample, sample


def transfer(chain: Chain, to: str, wei: int, nonce: int, **changes: int) -> Transaction:
    max_fee, priority_fee = offer(chain.fees())
    fields = {"gas": 21_000, "max_fee": max_fee, "priority_fee": priority_fee, **changes}
    return Transaction(chain.chain_id, nonce, to, wei, b"", **fields)


def mined(chain: Chain, transaction: bytes) -> Receipt:
    """A node may need a moment between taking a transaction and showing its receipt."""
    deadline = time.monotonic() + 5
    while (receipt := chain.receipt(transaction)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return receipt


def test_a_signed_transfer_moves_value_and_pays_its_fee(
    chain: DevChain, signer: LocalSigner
) -> None:
    payee = LocalSigner.generate().address
    before = chain.balance(signer.address)
    raw = signer.sign_transaction(transfer(chain, payee, 5 * WEI, 0))
    sent = chain.broadcast(raw)
    receipt = mined(chain, sent)
    assert sent == keccak(raw)
    assert receipt.succeeded
    assert (receipt.sender, receipt.to, receipt.created) == (signer.address, payee, None)
    assert receipt.gas_used == 21_000
    assert chain.balance(payee) == 5 * WEI
    assert chain.balance(signer.address) == before - 5 * WEI - 21_000 * receipt.gas_price
    assert chain.nonce(signer.address) == 1
    block = chain.block(receipt.block_number)
    assert block.transactions == (sent,)
    assert (block.hash, block.gas_used) == (receipt.block_hash, 21_000)
    assert receipt.gas_price >= block.base_fee


def test_bytes_sent_twice_are_accepted_twice_and_mined_once(
    chain: DevChain, signer: LocalSigner
) -> None:
    payee = LocalSigner.generate().address
    raw = signer.sign_transaction(transfer(chain, payee, 1, 0))
    assert chain.broadcast(raw) == chain.broadcast(raw)
    mined(chain, keccak(raw))
    assert chain.balance(payee) == 1


def test_refusals_have_a_reason(chain: DevChain, signer: LocalSigner) -> None:
    payee = LocalSigner.generate().address
    mined(chain, chain.broadcast(signer.sign_transaction(transfer(chain, payee, 1, 0))))
    cases = {
        Refusal.NONCE_TOO_LOW: transfer(chain, payee, 2, 0),
        Refusal.INSUFFICIENT_FUNDS: transfer(chain, payee, 1000 * WEI, 1),
        Refusal.UNDERPRICED: transfer(chain, payee, 2, 1, max_fee=1, priority_fee=1),
    }
    for refusal, unsigned in cases.items():
        with pytest.raises(TransactionRejected) as caught:
            chain.broadcast(signer.sign_transaction(unsigned))
        assert caught.value.refusal is refusal
    with pytest.raises(TransactionRejected):
        chain.broadcast(b"\x02\xc0")


def test_a_transaction_for_another_chain_is_refused(chain: DevChain, signer: LocalSigner) -> None:
    foreign = Transaction(1, 0, signer.address, 0, b"", 21_000, 10**10, 10**9)
    with pytest.raises(TransactionRejected):
        chain.broadcast(signer.sign_transaction(foreign))
    assert chain.nonce(signer.address) == 0


def test_future_nonces_wait_for_the_gap_to_close(chain: DevChain, signer: LocalSigner) -> None:
    payee = LocalSigner.generate().address
    second = chain.broadcast(signer.sign_transaction(transfer(chain, payee, 2, 1)))
    assert chain.receipt(second) is None
    assert chain.nonce(signer.address) == 0
    chain.broadcast(signer.sign_transaction(transfer(chain, payee, 1, 0)))
    assert mined(chain, second).succeeded
    assert chain.balance(payee) == 3


def test_without_automining_the_pool_waits_and_can_be_outbid(
    chain: DevChain, signer: LocalSigner
) -> None:
    payee = LocalSigner.generate().address
    chain.set_automine(False)
    first = transfer(chain, payee, 1, 0)
    sent = chain.broadcast(signer.sign_transaction(first))
    assert chain.receipt(sent) is None
    assert (chain.nonce(signer.address), chain.nonce(signer.address, pending=True)) == (0, 1)
    with pytest.raises(TransactionRejected) as caught:
        chain.broadcast(signer.sign_transaction(transfer(chain, payee, 9, 0)))
    assert caught.value.refusal is Refusal.UNDERPRICED
    better = transfer(
        chain, payee, 2, 0, max_fee=first.max_fee * 2, priority_fee=first.priority_fee * 2
    )
    replacement = chain.broadcast(signer.sign_transaction(better))
    chain.mine()
    assert mined(chain, replacement).succeeded
    assert chain.receipt(sent) is None
    assert chain.balance(payee) == 2


def test_deploying_and_calling(chain: DevChain, outbox: Outbox) -> None:
    interface, _ = sample()
    nonce = chain.nonce(outbox.address)
    address = deploy_sample(outbox)
    assert address == create_address(outbox.address, nonce)
    assert chain.code(address)
    value = interface.function("value")
    assert value.decode_output(chain.call(Call(address, value.encode()))) == 7
    maker = interface.function("maker")
    assert maker.decode_output(chain.call(Call(address, maker.encode()))) == outbox.address
    assert chain.storage(address, 0) == 7


def test_creation_code_can_be_tried_without_a_transaction(chain: DevChain, outbox: Outbox) -> None:
    _, code = sample()
    creation = code + (7).to_bytes(32, "big")
    address = deploy_sample(outbox)
    tried = chain.call(Call(None, creation, sender=outbox.address))
    assert tried == chain.code(address)
    assert chain.nonce(outbox.address) == 1


def test_structs_arrays_and_time_come_back(chain: DevChain, outbox: Outbox) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    receipt = outbox.execute(
        Call(address, interface.function("set").encode(41, b"\x01" * 32, "héllo"))
    )
    when = chain.block(receipt.block_number).timestamp
    last = interface.function("lastChange")
    pair, numbers = last.decode_output(chain.call(Call(address, last.encode())))
    assert pair == (outbox.address, when)
    assert numbers == (41, chain.block().timestamp)
    (event,) = interface.event("Changed").find(receipt.logs, address)
    assert event == {"by": outbox.address, "tag": b"\x01" * 32, "value": 41, "note": "héllo"}


def test_logs_are_found_by_emitter_topic_and_block(chain: DevChain, outbox: Outbox) -> None:
    interface, _ = sample()
    first, second = deploy_sample(outbox), deploy_sample(outbox)
    set_value, changed = interface.function("set"), interface.event("Changed")
    receipts = [
        outbox.execute(Call(address, set_value.encode(n, tag, "")))
        for n, address, tag in (
            (1, first, b"a" * 32),
            (2, second, b"b" * 32),
            (3, first, b"b" * 32),
        )
    ]
    newest = chain.block().number

    def found(**wanted: object) -> list[int]:
        span = {"from_block": receipts[0].block_number, "to_block": newest, **wanted}
        logs = chain.logs(LogFilter(**span))  # type: ignore[arg-type]
        return [changed.decode(log)["value"] for log in logs]

    assert found() == [1, 2, 3]
    assert found(addresses=(first,)) == [1, 3]
    assert found(topics=(changed.topic, None, b"b" * 32)) == [2, 3]
    assert found(topics=(b"\x00" * 32,)) == []
    assert found(from_block=receipts[1].block_number, to_block=receipts[1].block_number) == [2]


@pytest.mark.parametrize(
    ("how", "name", "arguments"),
    [
        (0, None, {}),
        (1, "Error", {"message": "plain words"}),
        (2, "Panic", {"code": 0x12}),
        (3, "Panic", {"code": 0x01}),
        (4, None, {}),
        (5, None, {}),
    ],
)
def test_a_reverting_call_says_why(
    chain: DevChain, outbox: Outbox, how: int, name: str | None, arguments: dict[str, object]
) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    with pytest.raises(ContractError) as caught:
        chain.call(Call(address, interface.function("fail").encode(how)))
    assert (caught.value.name, caught.value.args) == (name, arguments)
    if how == 0:
        assert caught.value.data == interface.error("Nothing").selector
    if how == 4:
        assert caught.value.data == b""
    if how == 5:
        assert caught.value.data == bytes.fromhex("deadbeef")


def test_a_mined_revert_is_a_receipt_that_failed(
    chain: DevChain, outbox: Outbox, signer: LocalSigner
) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    data = interface.function("set").encode(1001, b"", "")
    with pytest.raises(ContractError) as caught:
        outbox.execute(Call(address, data, gas=100_000))
    assert caught.value.data == interface.error("TooBig").selector + b"".join(
        n.to_bytes(32, "big") for n in (1001, 1000)
    )
    assert chain.nonce(signer.address) == 2
    assert chain.storage(address, 0) == 7


def test_an_estimate_is_enough_even_when_gas_must_be_left_over(
    chain: DevChain, outbox: Outbox
) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    call = Call(address, interface.function("hungry").encode(), sender=outbox.address)
    limit = chain.estimate_gas(call)
    assert limit > 200_000
    assert chain.call(Call(call.to, call.data, 0, call.sender, limit)) == b""
    receipt = outbox.execute(Call(address, call.data, gas=limit))
    assert receipt.succeeded and receipt.gas_used < 60_000


def test_a_value_transfer_reaches_receive_and_is_logged(chain: DevChain, outbox: Outbox) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    receipt = outbox.execute(Call(address, value=12))
    (paid,) = interface.event("Paid").find(receipt.logs)
    assert paid == {"by": outbox.address, "amount": 12}
    assert chain.balance(address) == 12


def test_time_travel(chain: DevChain) -> None:
    start = chain.block()
    chain.advance(3600)
    later = chain.block()
    assert (later.number, later.timestamp) == (start.number + 1, start.timestamp + 3600)
    chain.set_time(later.timestamp + 10)
    assert chain.block().timestamp == later.timestamp + 10
    with pytest.raises(ValueError, match="not after"):
        chain.set_time(later.timestamp)
    chain.mine(3)
    assert chain.block().number == later.number + 4


def test_a_snapshot_can_be_used_again_and_again(chain: DevChain, outbox: Outbox) -> None:
    interface, _ = sample()
    address = deploy_sample(outbox)
    mark = chain.snapshot()
    head = chain.block()
    signer = LocalSigner.generate()
    for _ in range(2):
        chain.set_balance(signer.address, WEI)
        raw = signer.sign_transaction(
            Transaction(
                chain.chain_id, 0, address, 0,
                interface.function("set").encode(99, b"", ""), 200_000, 10**11, 10**9,
            )
        )  # fmt: skip
        sent = chain.broadcast(raw)
        mined(chain, sent)
        assert chain.storage(address, 0) == 99
        chain.advance(50)
        chain.revert(mark)
        assert chain.receipt(sent) is None
        assert (chain.storage(address, 0), chain.block()) == (7, head)
        assert chain.balance(signer.address) == 0


def test_code_can_be_placed(chain: DevChain) -> None:
    address = LocalSigner.generate().address
    chain.set_code(address, bytes.fromhex("602a60005260206000f3"))
    assert int.from_bytes(chain.call(Call(address)), "big") == 42


def test_an_unknown_block_is_an_error(chain: DevChain) -> None:
    with pytest.raises(KeyError):
        chain.block(10**9)
