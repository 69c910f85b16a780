"""The devnet's node over real HTTP, asked by our own client and by web3."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from eth_account import Account
from web3 import AsyncHTTPProvider, AsyncWeb3

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import ContractError, NodeError
from harness.chain.genesis import export_state, import_state
from harness.chain.journal import MemoryJournal
from harness.chain.json_rpc import HttpTransport
from harness.chain.keys import LocalSigner
from harness.chain.node import NodeChain
from harness.chain.outbox import Outbox
from harness.chain.records import Call, LogFilter
from harness.chain.transaction import Transaction
from harness.devnet.history import History, replay
from harness.devnet.node import DevNode
from harness.devnet.rpc import build_rpc
from harness.diamond.tokens import FwUsd
from harness.http.embedded import running
from tests.harness.contracts import artifact

KEY = b"\x22" * 32
WEI = 10**18


def on_node(work: Callable[[str, DevNode], Awaitable[None]]) -> None:
    async def main() -> None:
        node = DevNode(EmbeddedChain(start_time=int(time.time()) - 100))
        async with running(build_rpc(node), "127.0.0.1:0") as url:
            await work(url, node)

    asyncio.run(main())


def test_a_client_that_dies_in_its_request_is_no_failure_of_the_node() -> None:
    """Its connection ends between two parts of the body."""
    parts = [{"type": "http.request", "body": b'{"jso', "more_body": True}]
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return parts.pop() if parts else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "POST", "path": "/", "raw_path": b"/", "query_string": b"",
        "headers": [], "http_version": "1.1", "scheme": "http", "root_path": "",
    }  # fmt: skip
    app = build_rpc(DevNode(EmbeddedChain()))
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400


def deployed(chain: Any) -> FwUsd:
    owner = LocalSigner(KEY)
    outbox = Outbox(chain, owner, MemoryJournal())
    created = outbox.execute(
        Call(None, artifact("contracts/tokens/FwUSD.sol").creation(owner.address))
    ).created
    assert created is not None
    return FwUsd(chain, created, outbox)


def test_our_client_uses_it_as_any_node() -> None:
    async def work(url: str, node: DevNode) -> None:
        def blocking() -> None:
            chain = NodeChain(HttpTransport(url), 31_337)
            chain.transport.request("anvil_setBalance", [LocalSigner(KEY).address, hex(WEI)])
            dollar = deployed(chain)
            payee = LocalSigner.generate().address
            mined = dollar.mint(payee, 5)
            assert dollar.balance_of(payee) == 5
            assert abs(chain.block().timestamp - time.time()) < 60
            newest = chain.block().number
            (log,) = chain.logs(LogFilter(newest, newest, (dollar.address,)))
            assert log.transaction == mined.transaction
            with pytest.raises(ContractError) as refused:
                chain.call(
                    Call(dollar.address, bytes.fromhex("40c10f19") + bytes(64), sender=payee)
                )
            assert refused.value.data
            with pytest.raises(NodeError, match="not here"):
                chain.transport.request("eth_sign", [])
            with pytest.raises(NodeError):
                chain.transport.request("eth_getBalance", ["0x12"])

        await asyncio.to_thread(blocking)

    on_node(work)


def test_a_burst_of_transactions_does_not_carry_the_clock_ahead() -> None:
    now = 1_800_000_000
    node = DevNode(EmbeddedChain(start_time=now - 100), clock=lambda: now)
    chain = NodeChain(node, 31_337)
    chain.transport.request("anvil_setBalance", [LocalSigner(KEY).address, hex(WEI)])
    dollar, payee = deployed(chain), LocalSigner.generate().address
    for _ in range(5):
        dollar.mint(payee, 1)
    node.beat()
    newest = chain.block()
    assert newest.number >= 7 and newest.timestamp == now
    assert chain.block(newest.number - 1).timestamp == now


def test_web3_sends_and_reads() -> None:
    async def work(url: str, node: DevNode) -> None:
        web3 = AsyncWeb3(AsyncHTTPProvider(url))
        account = Account.from_key(KEY)
        node.request("anvil_setBalance", [account.address, hex(WEI)])
        assert await web3.eth.chain_id == 31_337
        history = await web3.eth.fee_history(4, "latest", [50])
        assert len(history["baseFeePerGas"]) == 2
        sent = await web3.eth.send_raw_transaction(
            account.sign_transaction(
                {
                    "to": "0x" + "11" * 20, "value": 7, "gas": 21_000, "nonce": 0, "chainId": 31_337,
                    "maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9,
                }
            ).raw_transaction
        )  # fmt: skip
        receipt = await web3.eth.wait_for_transaction_receipt(sent)
        assert receipt["status"] == 1
        found = await web3.eth.get_transaction(sent)
        assert (found["value"], found["from"]) == (7, account.address)
        block = await web3.eth.get_block("latest", full_transactions=True)
        assert block["transactions"][0]["hash"] == sent
        assert await web3.eth.get_balance("0x" + "11" * 20) == 7

    on_node(work)


def test_batches_and_nonsense() -> None:
    async def work(url: str, node: DevNode) -> None:
        async with httpx.AsyncClient(base_url=url) as client:
            asked = [
                {"jsonrpc": "2.0", "id": 1, "method": "eth_blockNumber"},
                {"jsonrpc": "2.0", "id": 2, "method": "nope"},
                5,
            ]
            first, second, third = (await client.post("/", json=asked)).json()
            assert first["result"] == "0x0"
            assert second["error"]["code"] == -32601
            assert third["error"]["code"] == -32600
            for body in (b"", b"{", b"[" * 100_000, b"[]", b'{"method":"eth_call","params":{}}'):
                answer = await client.post("/", content=body)
                assert answer.status_code in (200, 400)
                assert "error" in answer.json()

    on_node(work)


def test_time_can_be_moved_and_taken_back() -> None:
    node = DevNode(EmbeddedChain(), clock=lambda: 2_000_000_000)
    chain = NodeChain(node)
    node.request("evm_mine")
    assert chain.block().timestamp == 2_000_000_000
    mark = node.request("evm_snapshot")
    node.request("evm_increaseTime", [500])
    node.request("evm_mine")
    assert chain.block().timestamp == 2_000_000_500
    assert node.request("evm_revert", [mark]) is True
    assert chain.block().number == 1
    node.request("evm_setNextBlockTimestamp", [2_000_009_000])
    node.request("evm_mine")
    assert chain.block().timestamp == 2_000_009_000
    assert node.request("evm_revert", ["0x9"]) is False


def test_a_history_gives_the_same_chain_again(tmp_path: Path) -> None:
    path = tmp_path / "state" / "history.jsonl"
    path.parent.mkdir(mode=0o700)
    chain = EmbeddedChain()
    node = DevNode(chain, History(path), clock=lambda: 2_000_000_000)
    node.request("anvil_setBalance", [LocalSigner(KEY).address, hex(WEI)])
    dollar = deployed(NodeChain(node))
    node.beat()
    node.beat()
    dollar.mint(LocalSigner(KEY).address, 9)
    mark = node.request("evm_snapshot")
    dollar.mint(LocalSigner(KEY).address, 1)
    node.request("evm_revert", [mark])
    root, height = chain.evm.root(), chain.block().number
    node.beat()
    node.close()
    with path.open("ab") as file:
        file.write(b'{"block":99,"ti')  # what a power cut leaves
    again = EmbeddedChain()
    assert replay(again, History(path)) == 2
    assert again.evm.root() == root
    assert again.block().number == height + 1
    assert again.block(height).transactions == chain.block(height).transactions


def test_a_history_has_what_waited_for_its_block(tmp_path: Path) -> None:
    """Mined by request or by the beat, by automine turned on, behind a nonce that was missing; or waiting still."""
    path = tmp_path / "state" / "history.jsonl"
    path.parent.mkdir(mode=0o700)
    key, chain = LocalSigner(KEY), EmbeddedChain()
    node = DevNode(chain, History(path), clock=lambda: 2_000_000_000)
    node.request("anvil_setBalance", [key.address, hex(WEI)])

    def send(nonce: int) -> str:
        transaction = Transaction(chain.chain_id, nonce, key.address, 1, b"", 30_000, 10**10, 10**9)
        raw = "0x" + key.sign_transaction(transaction).hex()
        return str(node.request("eth_sendRawTransaction", [raw]))

    node.request("evm_setAutomine", [False])
    sent = [send(0), send(1)]
    node.request("evm_mine")
    sent.append(send(2))
    node.request("evm_increaseTime", [60])
    node.beat()
    sent += [send(3), send(3)]
    node.beat()
    sent += [send(4), send(5)]
    node.request("evm_setAutomine", [True])
    sent += [send(7), send(6)]
    node.beat()
    waiting = send(9)
    heights = [node.request("eth_getTransactionReceipt", [name])["blockNumber"] for name in sent]
    assert [int(height, 16) for height in heights] == [1, 1, 2, 3, 3, 4, 5, 7, 6]
    node.close()

    again = EmbeddedChain()
    reborn = DevNode(again, None, clock=lambda: 2_000_000_100)
    replay(again, History(path))
    assert again.evm.root() == chain.evm.root()
    for number in range(chain.block().number + 1):
        assert again.block(number).transactions == chain.block(number).transactions, number
    assert [again.block(n).timestamp for n in (1, 3, 7)] == [
        chain.block(n).timestamp for n in (1, 3, 7)
    ]
    assert reborn.request("eth_getTransactionReceipt", [waiting]) is None
    missing = Transaction(chain.chain_id, 8, key.address, 1, b"", 30_000, 10**10, 10**9)
    reborn.request("eth_sendRawTransaction", ["0x" + key.sign_transaction(missing).hex()])
    assert reborn.request("eth_getTransactionReceipt", [waiting]) is not None


def test_taken_back_automine_is_as_it_was(tmp_path: Path) -> None:
    """Else the history, which is cut there, would not say what the chain does from then on."""
    path = tmp_path / "state" / "history.jsonl"
    path.parent.mkdir(mode=0o700)
    key, chain = LocalSigner(KEY), EmbeddedChain()
    node = DevNode(chain, History(path), clock=lambda: 2_000_000_000)
    node.request("anvil_setBalance", [key.address, hex(WEI)])
    mark = node.request("evm_snapshot")
    node.request("evm_setAutomine", [False])
    node.request("evm_revert", [mark])
    transaction = Transaction(chain.chain_id, 0, key.address, 1, b"", 30_000, 10**10, 10**9)
    raw = "0x" + key.sign_transaction(transaction).hex()
    name = node.request("eth_sendRawTransaction", [raw])
    assert node.request("eth_getTransactionReceipt", [name])["blockNumber"] == "0x1"
    node.request("evm_mine")
    node.close()
    again = EmbeddedChain()
    replay(again, History(path))
    assert (again.block().number, again.evm.root()) == (2, chain.evm.root())


def test_a_state_is_exported_and_imported_whole() -> None:
    chain = EmbeddedChain()
    chain.set_balance(LocalSigner(KEY).address, WEI)
    dollar = deployed(chain)
    dollar.mint(LocalSigner(KEY).address, 9)
    document = export_state(chain)
    again = EmbeddedChain()
    import_state(again, document)
    assert FwUsd(again, dollar.address, None).balance_of(LocalSigner(KEY).address) == 9  # type: ignore[arg-type]
    (account,) = [a for a in document["accounts"].values() if a["code"]]
    account["storage"].popitem()
    with pytest.raises(ValueError, match="state root"):
        import_state(EmbeddedChain(), document)
