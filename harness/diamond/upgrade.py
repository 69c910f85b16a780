"""Changing a deployed Diamond: compare it with a build, plan, try, apply, and check afterwards.

A facet whose code is on chain already is reused wherever it is; only new code is deployed. The cut is
tried as a call before it is sent, and the loupe must show the planned routes after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eth_utils.crypto import keccak

from harness.chain.records import Call, Receipt
from harness.diamond.artifacts import CODE_LIMIT
from harness.diamond.book import AddressBook, Record
from harness.diamond.client import Sender
from harness.diamond.code import has_code_of
from harness.diamond.cuts import CutPlan, plan_cut
from harness.diamond.diamond import Diamond
from harness.diamond.economy import Artifacts, Report, declared_functions
from harness.errors import PlanRefused
from harness.protocol.addresses import Address, checksum


@dataclass(frozen=True)
class Upgrade:
    """What a build would change. `fresh` are facets whose code is not on chain yet."""

    fresh: tuple[str, ...]
    addresses: Mapping[str, Address]
    cut: CutPlan

    def __bool__(self) -> bool:
        return bool(self.fresh) or bool(self.cut)

    def lines(self) -> list[str]:
        """For people."""
        return [f"deploy  {name}" for name in self.fresh] + self.cut.lines()


def plan_upgrade(
    diamond: Diamond, artifacts: Artifacts, book: AddressBook | None = None, *, prune: bool = True
) -> Upgrade:
    """Compare the Diamond with a build. Reads only.

    Facets that must be deployed first appear under a stand-in address that exists nowhere.
    """
    return _plan(diamond, artifacts, book, routes_of(diamond), prune)


def _plan(
    diamond: Diamond,
    artifacts: Artifacts,
    book: AddressBook | None,
    present: Mapping[bytes, Address],
    prune: bool,
) -> Upgrade:
    declared = declared_functions(artifacts)
    addresses: dict[str, Address] = {}
    fresh = []
    for name, functions in declared.items():
        if len(artifacts[name].runtime) > CODE_LIMIT:
            raise PlanRefused(f"{name} has {len(artifacts[name].runtime)} bytes of {CODE_LIMIT}")
        recorded = book.find(name) if book is not None else None
        candidates = [recorded.address] if recorded is not None else []
        candidates += [present[f.selector] for f in functions if f.selector in present]
        found = next(
            (
                a
                for a in dict.fromkeys(candidates)
                if has_code_of(diamond.chain, a, artifacts[name])
            ),
            None,
        )
        addresses[name] = found or stand_in(name)
        if found is None:
            fresh.append(name)
    return Upgrade(tuple(fresh), addresses, plan_cut(declared, addresses, present, prune=prune))


def apply_upgrade(
    diamond: Diamond,
    sender: Sender,
    artifacts: Artifacts,
    book: AddressBook,
    *,
    prune: bool = True,
    builder: str = "",
    report: Report = lambda kind, name, detail: None,
) -> Receipt | None:
    """Deploy what is fresh, try the cut, send it, check the routes; None when nothing changes.

    Raises ContractError from the trial, before anything is routed, and PlanRefused when the Diamond
    ends up with other routes than planned.
    """
    present = routes_of(diamond)
    plan = _plan(diamond, artifacts, book, present, prune)
    for name in plan.fresh:
        artifact = artifacts[name]
        creation = artifact.creation()
        receipt = sender.execute(
            Call(None, creation), key=f"deploy:{name}:{keccak(creation).hex()[:32]}"
        )
        if receipt.created is None:
            raise PlanRefused(f"creating {name} left no contract")
        code_hash = "0x" + keccak(diamond.chain.code(receipt.created)).hex()
        book.write(
            Record(
                name, receipt.created, artifact.abi, (), "0x" + receipt.transaction.hex(),
                receipt.block_number, code_hash, builder, artifact.source_path,
            ),
            diamond.chain.block(0).hash,
            replace=True,
        )  # fmt: skip
        report("deployed", name, receipt.created)
    if plan.fresh:
        plan = _plan(diamond, artifacts, book, present, prune)
    if plan.fresh:
        raise PlanRefused(f"{', '.join(plan.fresh)} did not end up with the code that was built")
    if not plan.cut:
        return None
    writer = diamond.by(sender)
    writer.cut.try_cut(plan.cut.cuts)
    receipt = writer.cut.diamond_cut(plan.cut.cuts)
    after = routes_of(diamond)
    if after != dict(plan.cut.routes):
        raise PlanRefused("the Diamond routes differently than planned; look at it with the loupe")
    for line in plan.cut.lines():
        report("cut", "", line)
    return receipt


def verify(diamond: Diamond, artifacts: Artifacts, book: AddressBook) -> list[str]:
    """What of a deployment is not as this build and this book say; empty when all is well."""
    findings = []
    owner = diamond.ownership.owner()
    for name in book.names():
        record = book.find(name)
        if record is None or name not in artifacts:
            findings.append(f"{name}: in the book, not in the build")
            continue
        # Without arguments: only contracts whose constructor takes none have immutables here.
        if not has_code_of(diamond.chain, record.address, artifacts[name], payer=owner):
            findings.append(f"{name}: other code at {record.address} than this build makes")
    present = routes_of(diamond)
    declared = declared_functions(artifacts)
    for name, functions in declared.items():
        recorded = book.find(name)
        for function in functions:
            found = present.pop(function.selector, None)
            if recorded is None or found != recorded.address:
                findings.append(f"{function.signature}: answered by {found}, not by {name}")
    findings += [f"0x{s.hex()}: answered by {a}, not declared" for s, a in present.items()]
    return findings


def routes_of(diamond: Diamond) -> dict[bytes, Address]:
    """Facet address by selector, as the loupe tells."""
    return {
        selector: facet
        for facet, selectors in diamond.loupe.facets().items()
        for selector in selectors
    }


def stand_in(name: str) -> Address:
    """An address for a facet that is not deployed."""
    return checksum(keccak(text=f"to be deployed: {name}")[12:])


def loupe_lines(diamond: Diamond, artifacts: Artifacts | None = None) -> list[str]:
    """The routes for people: facet, address, and each selector with its signature when known."""
    signatures = {}
    owners: dict[bytes, str] = {}
    for name, functions in declared_functions(artifacts).items() if artifacts else ():
        for function in functions:
            signatures[function.selector] = function.signature
            owners[function.selector] = name
    lines = []
    for facet, selectors in diamond.loupe.facets().items():
        names = sorted({owners[s] for s in selectors if s in owners}) or ["unknown facet"]
        lines.append(f"{facet}  {', '.join(names)}")
        lines += [f"  0x{s.hex()}  {signatures.get(s, 'unknown function')}" for s in selectors]
    return lines
