"""The merged ABI in the hands of cast, viem and web3.py: every error, event and struct reads back."""

from __future__ import annotations

import json
import os
import random
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.providers import BaseProvider
from web3.types import RPCEndpoint, RPCResponse

from harness.chain.abi import Event, parameter_from_json
from harness.chain.signature import Declaration, Parameter
from harness.diamond.merged import diamond_abi, signature, solidity
from tests.harness.contracts import ROOT, everything

CAST = ROOT / "node_modules/@foundry-rs/cast-linux-amd64/bin/cast"
VIEM = ROOT / "node_modules/viem"
ABI = diamond_abi(everything())
KINDS = ("errors", "events", "results")
needs_cast = pytest.mark.skipif(not CAST.exists(), reason="cast of npm is not installed")
needs_viem = pytest.mark.skipif(not VIEM.exists(), reason="viem of npm is not installed")


# -- one sample of everything ----------------------------------------------------------------------------


def value_of(kind: str, components: Any, draw: random.Random) -> Any:
    """A value of an ABI type, as eth_abi takes it."""
    if kind.endswith("[]"):
        return [value_of(kind[:-2], components, draw) for _ in range(draw.randint(1, 3))]
    if kind.endswith("]"):
        base, count = kind[:-1].rsplit("[", 1)
        return [value_of(base, components, draw) for _ in range(int(count))]
    if kind.startswith("("):
        return tuple(value_of(c.type, c.components, draw) for c in components)
    if kind == "address":
        return to_checksum_address(draw.randbytes(20))
    if kind == "bool":
        return draw.random() < 0.5
    if kind == "string":
        return "naïve " + "x" * draw.randint(0, 40)
    if kind == "bytes":
        return draw.randbytes(draw.randint(0, 70))
    if kind.startswith("bytes"):
        return draw.randbytes(int(kind[5:]))
    bits = int(kind.removeprefix("u").removeprefix("int"))
    word = draw.getrandbits(bits)
    return word if kind.startswith("u") or word < 1 << (bits - 1) else word - (1 << bits)


@cache
def samples() -> dict[str, list[dict[str, Any]]]:
    """Of every error, every event, and what every function with a struct returns."""
    draw = random.Random(31337)
    found: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for entry in ABI:
        structs = any(o["type"].startswith("tuple") for o in entry.get("outputs", ()))
        if entry["type"] == "function" and not structs:
            continue
        side = "outputs" if entry["type"] == "function" else "inputs"
        parameters = [parameter_from_json(p) for p in entry[side]]
        values = [value_of(p.type, p.components, draw) for p in parameters]
        sample = {"entry": entry, "types": [p.type for p in parameters], "values": values}
        data = encode(sample["types"], values)
        if entry["type"] == "error":
            sample["data"] = "0x" + (keccak(text=signature(entry))[:4] + data).hex()
            found["errors"].append(sample)
        elif entry["type"] == "event":
            sample["topics"], sample["data"] = log_of(entry, parameters, values)
            sample["logged"] = [logged(p, v) for p, v in zip(parameters, values, strict=True)]
            found["events"].append(sample)
        else:
            sample["data"] = "0x" + data.hex()
            found["results"].append(sample)
    return found


def logged(parameter: Parameter, value: Any) -> Any:
    """What a log keeps of a value: of an indexed string or byte string, its hash."""
    if not parameter.indexed or parameter.type not in ("string", "bytes"):
        return value
    return keccak(value.encode() if isinstance(value, str) else value)


def log_of(entry: Any, parameters: Any, values: list[Any]) -> tuple[list[str], str]:
    marked = [p.indexed for p in parameters]
    topics = [keccak(text=signature(entry))]
    plain: list[tuple[str, Any]] = []
    for parameter, value, indexed in zip(parameters, values, marked, strict=True):
        if indexed:
            kept = logged(parameter, value)
            topics.append(kept if kept is not value else encode([parameter.type], [value]))
        else:
            plain.append((parameter.type, value))
    data = encode([t for t, _ in plain], [v for _, v in plain])
    return ["0x" + topic.hex() for topic in topics], "0x" + data.hex()


def text(value: Any) -> Any:
    """Numbers as decimal text, bytes as hex, addresses in lower case: what tools can be compared in."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return str(value)
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, Mapping):  # web3 names the members of a struct
        return [text(v) for v in value.values()]
    if isinstance(value, list | tuple):
        return [text(v) for v in value]
    return value.lower() if isinstance(value, str) and value.startswith("0x") else value


def test_there_is_something_to_decode() -> None:
    found = samples()
    assert len(found["errors"]) > 200 and len(found["events"]) > 130 and len(found["results"]) >= 10


def test_no_two_errors_share_a_name() -> None:
    """A Solidity interface cannot overload errors, and people search for names."""
    names = [entry["name"] for entry in ABI if entry["type"] == "error"]
    assert len(names) == len(set(names))


def test_indexed_parameters_are_values() -> None:
    """An indexed string is a hash in the log and decodes to nothing; ERC-8004 has two, beside the strings."""
    hashed = {
        entry["name"]
        for entry in ABI
        for parameter in (entry["inputs"] if entry["type"] == "event" else ())
        if parameter["indexed"] and parameter["type"] in ("string", "bytes")
    }
    assert hashed == {"MetadataSet", "NewFeedback"}


# -- viem ------------------------------------------------------------------------------------------------


@needs_viem
def test_viem_decodes_everything() -> None:
    given = {
        kind: [{k: s[k] for k in ("entry", "data", "topics") if k in s} for s in samples()[kind]]
        for kind in KINDS
    }
    done = subprocess.run(
        ["node", str(Path(__file__).with_name("decode.mjs"))],
        input=json.dumps({"abi": ABI, **given}),
        cwd=ROOT, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    for kind in KINDS:
        for sample, seen in zip(samples()[kind], answer[kind], strict=True):
            assert seen["name"] == sample["entry"]["name"]
            assert text(seen["values"]) == text(sample.get("logged", sample["values"])), seen[
                "name"
            ]


# -- cast ------------------------------------------------------------------------------------------------


def cast(*arguments: str) -> str:
    done = subprocess.run(
        [str(CAST), *arguments], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "NO_COLOR": "1"},
    )  # fmt: skip
    assert done.returncode == 0, (arguments[:3], done.stderr)
    return done.stdout


@needs_cast
@pytest.mark.parametrize("kind", KINDS)
def test_cast_decodes_everything(kind: str) -> None:
    for sample in samples()[kind]:
        entry, types, data = sample["entry"], ",".join(sample["types"]), sample["data"]
        if not types:
            assert data == cast("sig", signature(entry)).strip() or entry["type"] == "event"
            continue
        if kind == "errors":
            out = cast("decode-error", "--json", "--sig", f"{entry['name']}({types})", data)
        elif kind == "events":  # cast knows no topics here: all parameters as data
            plain = "0x" + encode(sample["types"], sample["values"]).hex()
            out = cast("decode-event", "--json", "--sig", f"{entry['name']}({types})", plain)
            assert cast("keccak", signature(entry)).strip() == sample["topics"][0]
        else:
            out = cast("decode-abi", "--json", f"{entry['name']}()({types})", data)
        assert loose(json.loads(out)) == loose(text(sample["values"])), entry["name"]


def loose(value: Any) -> Any:
    """cast prints a tuple as text: `(1, 0x02)`. Letters and digits are compared, brackets are not."""
    if isinstance(value, list):
        return "".join(loose(v) for v in value)
    plain = str(value).lower()
    return "".join(c for c in plain if c.isalnum())


@needs_cast
def test_cast_reads_the_abi_file(tmp_path: Path) -> None:
    path = tmp_path / "abi.json"
    path.write_text(json.dumps(ABI))
    interface = cast("interface", str(path), "--name", "Everything")
    for entry in ABI:
        assert f"{entry['type']} {entry['name']}(" in interface


# -- web3.py ---------------------------------------------------------------------------------------------


class Canned(BaseProvider):
    """A node that answers every call with the same bytes."""

    answer = "0x"

    def make_request(self, method: RPCEndpoint, params: Any) -> RPCResponse:
        if method == "eth_chainId":
            return {"jsonrpc": "2.0", "id": 1, "result": "0x7a69"}
        return {"jsonrpc": "2.0", "id": 1, "result": self.answer}


def test_web3_decodes_structs_and_events_and_errors() -> None:
    provider = Canned()
    contract = Web3(provider).eth.contract(to_checksum_address("0x" + "11" * 20), abi=ABI)
    for sample in samples()["results"]:
        entry = sample["entry"]
        provider.answer = sample["data"]
        function = contract.get_function_by_signature(signature(entry))
        arguments = [
            value_of(p.type, p.components, random.Random(1))
            for p in map(parameter_from_json, entry["inputs"])
        ]
        value = function(*arguments).call()
        values = [value] if len(entry["outputs"]) == 1 else value
        assert text(values) == text(sample["values"]), entry["name"]
    for sample in samples()["events"]:
        entry = sample["entry"]
        event = contract.get_event_by_topic(sample["topics"][0])
        log = {
            "address": contract.address, "topics": [bytes.fromhex(t[2:]) for t in sample["topics"]],
            "data": bytes.fromhex(sample["data"][2:]), "blockNumber": 1, "transactionIndex": 0,
            "logIndex": 0, "transactionHash": b"\1" * 32, "blockHash": b"\2" * 32,
        }  # fmt: skip
        seen = event().process_log(log)
        assert seen["event"] == entry["name"]
        values = [seen["args"][i["name"]] for i in entry["inputs"]]
        assert text(values) == text(sample["logged"]), entry["name"]
    for sample in samples()["errors"]:
        data = bytes.fromhex(sample["data"][2:])
        values = contract.w3.codec.decode(sample["types"], data[4:])
        assert text(values) == text(sample["values"])


# -- ours ------------------------------------------------------------------------------------------------


def test_our_own_decoder_agrees() -> None:
    for sample in samples()["events"]:
        entry = sample["entry"]
        inputs = tuple(parameter_from_json(p) for p in entry["inputs"])
        event = Event(Declaration("event", entry["name"], inputs))
        assert "0x" + event.topic.hex() == sample["topics"][0]


@pytest.mark.parametrize("builder", ["ours", "solc"])
def test_the_solidity_interface_compiles_to_the_same_abi(builder: str) -> None:
    source = solidity("IFacetworks", ABI)
    if builder == "ours":
        from compiler import compile_sources

        abi = (
            compile_sources({"IFacetworks.sol": source})
            .contracts["IFacetworks.sol:IFacetworks"]
            .abi
        )
    else:
        from tests.oracle.solc import compile_sources as compile_with_solc

        abi = compile_with_solc({"IFacetworks.sol": source})["IFacetworks.sol:IFacetworks"]["abi"]
    assert {(e["type"], signature(e)) for e in abi} == {(e["type"], signature(e)) for e in ABI}
