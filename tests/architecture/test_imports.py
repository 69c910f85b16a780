"""Imports point one way: between the rooms of the house, and between the rooms inside each."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.tree import ROOMS, ROOT, imports, modules, name_of

# A room may import what stands before it in its list, its own level, and itself. Levels of one
# tuple know nothing of each other.
HOUSE = [("compiler",), ("harness",), ("scripts",), ("tests", "benchmarks")]
COMPILER = [
    ("source", "evm"),
    ("options", "diagnostics"),
    ("syntax", "ir"),
    ("semantics", "analysis"),
    ("lowering", "passes", "layouts", "documentation"),
    ("backend", "ast_json"),
]
HARNESS = [
    ("errors", "faults"),
    ("protocol",),
    ("settings", "logs", "http"),
    ("chain",),
    ("store",),
    ("diamond",),
    ("clients", "inference"),
    ("x402", "confidential"),
    ("services",),
    ("halo",),
    ("devnet",),
    ("demo",),
    ("cli",),
]
# Entry points of a lower room may call the command line that runs them; benchmarks measure with
# the programs that the tests have.
ALLOWED = {("harness/demo/__main__.py", "harness.cli"), ("benchmarks", "tests")}

# Libraries that one room keeps to itself. `compiler` needs none: it must run where nothing is installed.
LIBRARIES = {
    "ape": ("compiler/ape_plugin", "ape_facetworks.py", "scripts", "tests"),
    "ethpm_types": ("compiler/ape_plugin", "scripts", "tests"),
    "web3": ("scripts", "tests"),
    "sqlalchemy": ("harness/store", "tests"),
    "x402": ("harness/x402", "harness/services", "tests"),
    "starlette": (
        "harness/x402",
        "harness/http",
        "harness/services",
        "harness/confidential",
        "harness/devnet",
        "harness/inference",
        "tests",
    ),
    "eth": ("harness/chain", "tests"),
    "dcap_qvl": ("harness/confidential", "tests"),
    "click": ("harness/cli", "scripts", "tests"),
    "rich": ("harness/cli", "harness/demo", "tests"),
    "aiohttp": (
        "harness/http/connections.py",
        "harness/clients",
        "harness/inference/upstream.py",
        "harness/services/consumer/relay.py",
        "tests",
    ),
    "httpx": (
        "harness/http/connections.py",
        "harness/demo",
        "harness/chain",
        "harness/services",
        "harness/x402",
        "harness/inference",
        "harness/confidential",
        "harness/clients",
        "harness/halo",
        "harness/devnet",
        "tests",
    ),
}


def level(room: str, order: list[tuple[str, ...]]) -> int | None:
    return next((number for number, rooms in enumerate(order) if room in rooms), None)


def allowed(path: Path, name: str) -> bool:
    here = name_of(path)
    return any(here.startswith(a) and name.startswith(b) for a, b in ALLOWED)


@pytest.mark.parametrize("room", ROOMS)
def test_rooms_of_the_house(room: str) -> None:
    here = level(room, HOUSE)
    assert here is not None
    for path in modules(room):
        for name in imports(path):
            top = name.split(".")[0]
            there = level(top, HOUSE)
            if there is None or top == room or allowed(path, name):
                continue
            assert there < here, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize(
    ("house", "order"), [("compiler", COMPILER), ("harness", HARNESS)], ids=["compiler", "harness"]
)
def test_rooms_inside(house: str, order: list[tuple[str, ...]]) -> None:
    for path in modules(house):
        room = path.relative_to(ROOT / house).parts[0].removesuffix(".py")
        here = level(room, order)
        for name in imports(path):
            parts = name.split(".")
            if parts[0] != house or len(parts) < 2 or parts[1] == room or allowed(path, name):
                continue
            there = level(parts[1], order)
            if here is None:  # the top of the house may use every room
                continue
            assert there is not None, f"{name_of(path)} imports {name} from the top of {house}"
            assert there < here, f"{name_of(path)} imports {name}"


def test_every_room_has_a_place() -> None:
    for house, order in (("compiler", COMPILER), ("harness", HARNESS)):
        named = {room for rooms in order for room in rooms}
        folders = {p.relative_to(ROOT / house).parts[0] for p in modules(house)}
        folders = {f for f in folders if not f.endswith(".py")} - {"ape_plugin", "solc_front"}
        assert folders <= named


def test_front_and_back_end_meet_in_the_ir_alone() -> None:
    for path in modules("compiler"):
        room = path.relative_to(ROOT / "compiler").parts[0]
        targets = {n.split(".")[1] for n in imports(path) if n.startswith("compiler.")}
        if room in ("passes", "backend", "analysis", "ir"):
            assert not targets & {"syntax", "semantics", "lowering"}, name_of(path)
        if room == "syntax":
            assert not targets & {"semantics", "ir"}, name_of(path)


def test_services_do_not_import_each_other() -> None:
    services = ROOT / "harness" / "services"
    for path in modules("harness"):
        if not path.is_relative_to(services) or path.parent == services:
            continue
        own = path.relative_to(services).parts[0]
        for name in imports(path):
            if name.startswith("harness.services."):
                assert name.split(".")[2] == own, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("library", sorted(LIBRARIES))
def test_libraries_keep_to_their_rooms(library: str) -> None:
    for path in modules("compiler", "harness", "scripts"):
        here = name_of(path)
        if any(name.split(".")[0] == library for name in imports(path)):
            assert here.startswith(LIBRARIES[library]), f"{here} imports {library}"


def test_the_compiler_needs_the_standard_library_only() -> None:
    import sys

    # keccak in C is used where it happens to be installed.
    optional = {"compiler/evm/keccak.py": {"sha3", "Crypto"}}
    for path in modules("compiler"):
        if name_of(path).startswith("compiler/ape_plugin"):
            continue
        for name in imports(path):
            top = name.split(".")[0]
            known = top in sys.stdlib_module_names or top in ("compiler", "__future__")
            assert known or top in optional.get(name_of(path), ()), f"{name_of(path)}: {name}"
