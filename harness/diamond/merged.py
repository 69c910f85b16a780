"""One ABI for everything a Diamond answers, and the same as a Solidity interface.

Tools that know a single contract (cast, viem, ethers, web3.py) decode every call, event, error and struct of
the economy with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from harness.chain.abi import parameter_from_json
from harness.diamond.artifacts import Abi
from harness.diamond.economy import FACETS, Artifacts
from harness.errors import ConfigError

Entry = Mapping[str, Any]
_KINDS = ("function", "event", "error")
_LOCATED = ("string", "bytes")


def diamond_abi(artifacts: Artifacts) -> list[Entry]:
    """The facets' entries, each once, sorted by kind and name. ConfigError when two facets disagree on one."""
    missing = [name for name in FACETS if name not in artifacts]
    if missing:
        raise ConfigError(f"the build has no {', '.join(missing)}")
    return merge(artifacts[name].abi for name in FACETS)


def merge(abis: Iterable[Abi]) -> list[Entry]:
    """Functions, events and errors of several ABIs; constructors and fallbacks are a contract's own."""
    found: dict[tuple[str, str], Entry] = {}
    for abi in abis:
        for entry in abi:
            if entry["type"] not in _KINDS:
                continue
            key = entry["type"], signature(entry)
            known = found.setdefault(key, entry)
            if _shape(known) != _shape(entry):
                raise ConfigError(f"two facets declare the {key[0]} {key[1]} differently")
    return [found[key] for key in sorted(found, key=lambda k: (_KINDS.index(k[0]), k[1].lower()))]


def signature(entry: Entry) -> str:
    """`name(type,...)` with tuples written out, as selectors and topics are made of."""
    return f"{entry['name']}({','.join(map(_canonical, entry['inputs']))})"


def _canonical(parameter: Entry) -> str:
    return parameter_from_json(parameter).type


def _shape(entry: Entry) -> object:
    """What two declarations of one thing must agree on: all but names."""
    outputs = [_canonical(o) for o in entry.get("outputs", ())]
    indexed = [i.get("indexed") for i in entry["inputs"]]
    return outputs, indexed, entry.get("stateMutability"), entry.get("anonymous")


# -- Solidity --------------------------------------------------------------------------------------------


def solidity(name: str, abi: Sequence[Entry]) -> str:
    """An interface that compiles anywhere: structs, errors, events and functions of an ABI."""
    structs = _structs(abi)
    lines = [
        "// SPDX-License-Identifier: MIT",
        "pragma solidity ^0.8.4;",
        "",
        f"/// @notice Everything the Diamond answers; made from the ABI of its {len(FACETS)} facets.",
        f"interface {name} {{",
    ]
    for struct, fields in structs.items():
        lines += [f"    struct {struct} {{", *(f"        {f};" for f in fields), "    }", ""]
    lines += [f"    {_declared(entry)}" for entry in abi]
    return "\n".join([*lines, "}", ""])


def _structs(abi: Sequence[Entry]) -> dict[str, list[str]]:
    """Fields of every struct, inner ones first. ConfigError when one name means two structs."""
    found: dict[str, list[str]] = {}
    for entry in abi:
        for parameter in (*entry["inputs"], *entry.get("outputs", ())):
            for struct in _inside(parameter):
                fields = [f"{_type(c)} {c['name']}" for c in struct["components"]]
                if found.setdefault(_struct_name(struct), fields) != fields:
                    raise ConfigError(f"two structs are called {_struct_name(struct)}")
    return found


def _inside(parameter: Entry) -> Iterator[Entry]:
    if parameter["type"].startswith("tuple"):
        for component in parameter["components"]:
            yield from _inside(component)
        yield parameter


def _struct_name(parameter: Entry) -> str:
    """`struct IVotingFacet.ProposalDetails[]` -> `ProposalDetails`."""
    return str(parameter["internalType"]).removeprefix("struct ").split("[")[0].split(".")[-1]


def _type(parameter: Entry) -> str:
    kind = str(parameter["type"])
    return _struct_name(parameter) + kind[5:] if kind.startswith("tuple") else kind


def _declared(entry: Entry) -> str:
    if entry["type"] == "error":
        return f"error {entry['name']}({_list(entry['inputs'])});"
    if entry["type"] == "event":
        marked = [
            " ".join(filter(None, (_type(i), "indexed" if i["indexed"] else "", i["name"])))
            for i in entry["inputs"]
        ]
        return f"event {entry['name']}({', '.join(marked)});"
    mutability = entry["stateMutability"]
    words = [f"function {entry['name']}({_list(entry['inputs'], 'calldata')}) external"]
    words += [] if mutability == "nonpayable" else [mutability]
    if entry["outputs"]:
        words.append(f"returns ({_list(entry['outputs'], 'memory')})")
    return " ".join(words) + ";"


def _list(parameters: Sequence[Entry], location: str = "") -> str:
    return ", ".join(
        " ".join(filter(None, (_type(p), location if _is_reference(p) else "", p["name"])))
        for p in parameters
    )


def _is_reference(parameter: Entry) -> bool:
    kind = str(parameter["type"])
    return kind in _LOCATED or kind.endswith("]") or kind.startswith("tuple")
