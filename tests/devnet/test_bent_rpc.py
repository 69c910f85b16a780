"""The devnet's node is asked what no client means: it answers in JSON-RPC, and mines afterwards.

`FRAMES=20000` tries as many requests as one likes.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from eth_account import Account

from harness.chain.embedded import EmbeddedChain
from harness.chain.errors import NodeError
from harness.chain.keys import LocalSigner
from harness.devnet import rpc
from harness.devnet.node import MOST_BLOCKS_MINED, DevNode
from harness.devnet.reading import MOST_TIME, MOST_WEI
from harness.devnet.rpc import build_rpc
from harness.http.embedded import running_apart
from tests.fuzz_http.bends import bend, mangled, odd, to_bytes
from tests.fuzz_http.wire import Reply, exchange

FRAMES = int(os.environ.get("FRAMES", "700"))
SEED = 20261129
KEY = b"\x22" * 32
OWNER = LocalSigner(KEY).address
LOOPER, CALLER, LOGGER = ("0x" + digit * 40 for digit in "567")
PROGRAMS = {
    LOOPER: "0x5b600056",  # round and round until the gas is gone
    CALLER: "0x60006000600060006000305af1",  # itself, as deep as it goes
    LOGGER: "0x60203560003560206000a1",
}
CODES = {-32700, -32600, -32601, -32602, -32603, -32000, -32003, 3}
# What only Python would say.
PYTHON = re.compile(
    r"Traceback|File \"|_do_|positional|object is not|has no attribute|NoneType|invalid literal|codec can't|"
    r"unhashable|out of range|<class|[a-z]Error\(|not supported between|sys\.|fromhex"
)


def transaction(nonce: int, **changes: Any) -> str:
    values: dict[str, Any] = {
        "to": "0x" + "11" * 20, "value": 7, "gas": 90_000, "nonce": nonce, "chainId": 31_337,
        "maxFeePerGas": 3 * 10**9, "maxPriorityFeePerGas": 10**9,
    }  # fmt: skip
    signed = Account.from_key(KEY).sign_transaction(values | changes)
    return "0x" + bytes(signed.raw_transaction).hex()


def right_params(node: DevNode) -> dict[str, list[list[Any]]]:
    """For each method params that are in order; every method that is served has some."""
    newest = node.chain.block()
    name = "0x" + newest.hash.hex()
    mined = ["0x" + each.hex() for each in newest.transactions] or [name]
    nonce = node.chain.nonce(OWNER)
    calls: list[Any] = [
        {"to": target, "data": "0x" + "00" * 64, "from": OWNER, "gas": "0x7530", "value": "0x0"}
        for target in (*PROGRAMS, "0x" + "11" * 20, *("0x" + f"{n:040x}" for n in (1, 5, 8, 9, 10, 11, 16)))
    ]  # fmt: skip
    found: dict[str, list[list[Any]]] = {
        **{method: [[]] for method in (
            "web3_clientVersion", "net_version", "eth_chainId", "eth_syncing", "eth_accounts", "eth_blockNumber",
            "eth_gasPrice", "eth_maxPriorityFeePerGas", "evm_mine", "evm_snapshot",
        )},
        "eth_getBlockByNumber": [["latest", True], ["0x0", False]],
        "eth_getBlockByHash": [[name, True]],
        "eth_call": [[call, "latest"] for call in calls],
        "eth_estimateGas": [[call] for call in calls],
        "eth_feeHistory": [["0x4", "latest", [50]]],
        "eth_getTransactionByHash": [mined[:1]],
        "eth_getTransactionReceipt": [mined[:1]],
        "eth_getLogs": [
            [{"address": [LOGGER], "fromBlock": "0x0", "toBlock": "latest", "topics": [None, ["0x" + "00" * 32]]}],
            [{"address": LOGGER, "blockHash": name}],
        ],
        "eth_sendRawTransaction": [
            [transaction(nonce)], [transaction(nonce + 2)], [transaction(nonce, gas=20_000)],
            [transaction(nonce, to=LOGGER, data="0x" + "01" * 64)], [transaction(nonce, maxPriorityFeePerGas=9 * 10**9)],
        ],
        "anvil_mine": [["0x2"], ["0x2", "0x1"]],
        "evm_increaseTime": [[60], ["0x3c"]],
        "evm_setNextBlockTimestamp": [[newest.timestamp + 60]],
        "evm_setAutomine": [[True], [False]],
        "evm_revert": [["0x1"]],
    }  # fmt: skip
    for method in ("eth_getBalance", "eth_getTransactionCount", "eth_getCode"):
        found[method] = [[OWNER, "latest"], [OWNER, "pending"]]
    found["eth_getStorageAt"] = [[LOGGER, "0x0", "latest"]]
    for brand in ("anvil", "hardhat"):
        found[f"{brand}_setBalance"] = [[OWNER, hex(10**24)]]
        found[f"{brand}_setCode"] = [[target, code] for target, code in PROGRAMS.items()]
    return found


def body(node: DevNode, rng: random.Random) -> bytes:
    """One request, right, bent or hardly JSON."""
    how = rng.random()
    if how < 0.15:
        return to_bytes([asked(node, rng) for _ in range(rng.randrange(6))])
    if how < 0.25:
        return mangled(to_bytes(asked(node, rng)), rng)
    return to_bytes(asked(node, rng))


def asked(node: DevNode, rng: random.Random) -> Any:
    method, choices = rng.choice(list(right_params(node).items()))
    params = list(rng.choice(choices))
    how = rng.random()
    if how < 0.35 and params:
        params[rng.randrange(len(params))] = odd(rng)
    elif how < 0.7:
        params = bend(params, rng)
    elif how < 0.75:
        params += [odd(rng)]
    elif how < 0.85 and isinstance(params[:1], list) and params and isinstance(params[0], str):
        params[0] = bent_hex(params[0], rng)
    whole = {"jsonrpc": "2.0", "id": rng.randrange(99), "method": method, "params": params}
    return bend(whole, rng) if rng.random() < 0.25 else whole


def bent_hex(text: str, rng: random.Random) -> str:
    """Bytes that are still written as bytes: what decoders see."""
    if not text.startswith("0x") or len(text) < 4 or len(text) % 2:
        return text
    raw = bytearray.fromhex(text[2:])
    if rng.random() < 0.7:
        raw[rng.randrange(min(len(raw), 12))] = rng.randrange(256)
    else:
        del raw[rng.randrange(len(raw)) :]
    return "0x" + raw.hex()


def sent(url: str, content: bytes) -> Reply:
    port = int(url.rpartition(":")[2])
    head = (
        b"POST / HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\ncontent-type: application/json\r\n"
        b"content-length: %d\r\n\r\n" % len(content)
    )
    return exchange(port, head + content)


def objects(answer: Any) -> Iterator[dict[str, Any]]:
    for each in answer if isinstance(answer, list) else [answer]:
        assert isinstance(each, dict), each
        yield each


def judged(content: bytes, reply: Reply) -> Counter[str]:
    """What the answers came to; an AssertionError for a finding."""
    shown = f"sent {content[:600]!r}, got {reply.status} {reply.body[:600]!r}"
    assert not reply.hung, f"hangs: {shown}"
    assert reply.status in (200, 400, 413), shown
    told: Counter[str] = Counter()
    for each in objects(json.loads(reply.body)):
        assert each.get("jsonrpc") == "2.0" and "id" in each, shown
        assert ("result" in each) != ("error" in each), shown
        if "error" in each:
            error = each["error"]
            assert error["code"] in CODES and error["code"] != -32603, shown
            assert isinstance(error["message"], str) and len(error["message"]) < 1_000, shown
            assert PYTHON.search(error["message"]) is None, shown
        told[str(each["error"]["code"]) if "error" in each else "result"] += 1
    return told


def mines(node: DevNode) -> None:
    """It takes a transaction and puts it into a block, whatever was done to its clock and pool."""
    node.request("evm_setAutomine", [True])
    node.request("anvil_setBalance", [OWNER, hex(10**24)])
    before = node.chain.block()
    node.request("evm_mine")
    price = 9 * 10**11  # more than what waits in the pool under this number pays
    raw = transaction(node.chain.nonce(OWNER), maxFeePerGas=price, maxPriorityFeePerGas=price)
    receipt = node.request(
        "eth_getTransactionReceipt", [node.request("eth_sendRawTransaction", [raw])]
    )
    assert receipt["status"] == "0x1"
    after = node.chain.block()
    assert after.number > before.number and after.timestamp >= before.timestamp


def test_whatever_it_is_asked_the_node_answers_and_mines(caplog: pytest.LogCaptureFixture) -> None:
    rng = random.Random(SEED)
    node = DevNode(EmbeddedChain(start_time=int(time.time()) - 100))
    told: Counter[str] = Counter()

    async def main() -> None:
        async with running_apart(build_rpc(node), "127.0.0.1:0") as url:
            await asyncio.to_thread(play, url)

    def play(url: str) -> None:
        for target, code in PROGRAMS.items():
            node.request("anvil_setCode", [target, code])
        for number in range(FRAMES):
            content = body(node, rng)
            told.update(judged(content, sent(url, content)))
            if number % 100 == 99:
                mines(node)
        assert b'"result"' in sent(url, to_bytes({"method": "eth_blockNumber"})).body
        mines(node)

    with caplog.at_level(logging.WARNING):
        asyncio.run(main())
    print(dict(told))
    assert [record for record in caplog.records if record.exc_info] == []
    assert {"result", "-32700", "-32600", "-32601", "-32602", "-32000"} <= set(told)


def test_every_method_is_asked() -> None:
    node = DevNode(EmbeddedChain())
    assert sorted(right_params(node)) == node.methods


def refused(node: DevNode, method: str, *params: Any) -> NodeError:
    with pytest.raises(NodeError) as failure:
        node.request(method, params)
    return failure.value


@pytest.mark.parametrize(
    ("method", "params", "words"),
    [
        ("eth_getBalance", [], "does not take 0 params"),
        ("eth_getBalance", ["0x" + "11" * 20, "latest", 3], "does not take 3 params"),
        ("eth_getBalance", [None], "must be an address, got null"),
        ("eth_getBalance", [["0x" + "11" * 20]], "must be an address, got a list of 1"),
        ("eth_call", ["0x" + "11" * 20], "must be an object"),
        ("eth_call", [{"to": "0x" + "11" * 20, "value": 1e400}], "must be a number in hex, got inf"),
        ("eth_call", [{"to": "0x" + "11" * 20, "data": "0x1 2"}], "must be bytes in hex"),
        ("eth_getStorageAt", ["0x" + "11" * 20, "0x_1"], "must be a number in hex"),
        ("eth_getStorageAt", ["0x" + "11" * 20, "١"], "must be a number in hex"),
        ("eth_getLogs", [{"topics": [5]}], "must be bytes in hex"),
        ("eth_getLogs", [{"blockHash": "0x" + "00" * 32}], "no block of this hash"),
        ("eth_feeHistory", [1, "latest", [1] * 101], "a list of at most 100"),
        ("anvil_mine", [MOST_BLOCKS_MINED + 1], "must be from 0 to"),
        ("anvil_setBalance", ["0x" + "11" * 20, hex(MOST_WEI + 1)], "must be from 0 to"),
        ("evm_increaseTime", [MOST_TIME], "the time would be after"),
        ("evm_setNextBlockTimestamp", [MOST_TIME + 1], "must be from 0 to"),
        ("evm_setAutomine", ["yes"], "must be true or false"),
    ],
)  # fmt: skip
def test_params_that_do_not_fit_are_refused_in_words(
    method: str, params: list[Any], words: str
) -> None:
    error = refused(DevNode(EmbeddedChain()), method, *params)
    assert error.code == -32602 and words in error.message, error.message


def test_a_call_is_given_no_more_gas_than_a_block_has() -> None:
    """Else it never ends: this one stops when its gas does."""
    node = DevNode(EmbeddedChain())
    node.request("anvil_setCode", [LOOPER, PROGRAMS[LOOPER]])
    assert refused(node, "eth_call", {"to": LOOPER, "gas": hex(2**63)}).code == 3


@pytest.mark.parametrize(
    "changes", [{"gas": 20_000}, {"maxFeePerGas": 2 * 10**9, "maxPriorityFeePerGas": 3 * 10**9}]
)
def test_what_no_block_can_hold_is_refused_and_blocks_nothing(changes: dict[str, int]) -> None:
    node = DevNode(EmbeddedChain())
    node.request("anvil_setBalance", [OWNER, hex(10**20)])
    assert refused(node, "eth_sendRawTransaction", transaction(0, **changes)).code == -32000
    name = node.request("eth_sendRawTransaction", [transaction(0)])
    assert node.request("eth_getTransactionReceipt", [name])["status"] == "0x1"


def test_a_transaction_of_a_type_that_nobody_knows_is_refused() -> None:
    assert "type 9" in refused(DevNode(EmbeddedChain()), "eth_sendRawTransaction", "0x09c0").message


def test_a_mistake_of_the_node_is_an_internal_error_without_a_word_of_it() -> None:
    node = DevNode(EmbeddedChain())
    node.chain.fees = lambda: 1 // 0  # type: ignore[method-assign, assignment, return-value]
    error = refused(node, "eth_gasPrice")
    assert (error.code, error.message) == (-32603, "eth_gasPrice: internal error")


def over_http(work: Callable[[str], None]) -> None:
    async def main() -> None:
        async with running_apart(build_rpc(DevNode(EmbeddedChain())), "127.0.0.1:0") as url:
            await asyncio.to_thread(work, url)

    asyncio.run(main())


def test_ids_and_batches_have_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rpc, "MAX_ANSWER_BYTES", 100)
    good = {"id": 1, "method": "web3_clientVersion"}

    def work(url: str) -> None:
        for name in (True, [1], {"a": 1}):
            error = json.loads(sent(url, to_bytes({**good, "id": name})).body)
            assert (error["id"], error["error"]["code"]) == (None, -32600)
        assert b'"id":null' in sent(url, b'{"id": 1e999, "method": "eth_chainId"}').body
        for name in ("\ud800", 10**400, 0.5, None):
            assert json.loads(sent(url, to_bytes({**good, "id": name})).body)["id"] == name
        whole = json.loads(sent(url, to_bytes([good] * 4)).body)
        assert [each.get("error", {}).get("code") for each in whole] == [None, None, -32003, -32003]
        too_many = json.loads(sent(url, to_bytes([good] * 1_001)).body)
        assert too_many["error"]["code"] == -32600

    over_http(work)
