"""What can be mutated, and which contracts a mutant reaches."""

from __future__ import annotations

import functools
import random
from collections.abc import Mapping
from pathlib import Path

from compiler import CompileError, CompileOptions
from compiler.pipeline import compile_units
from tests.contracts.build import Artifact, build, closure, read_sources
from tests.mutation.operators import Mutant, mutants

SKIPPED = ("contracts/interfaces/", "contracts/mocks/")

# Where money is, first.
FIRST = (
    "BountyFacet VaultFacet VaultAdminFacet X402Facet GuildFacet VotingFacet ScheduleFacet PartyFacet "
    "ValidationFacet CreditMeterFacet MintGateFacet InviteFacet RedeemFacet SessionFacet TitheFacet "
    "WeightedVotingFacet TreasuryFacet LibToken LibTokenCall LibBuckets LibVault LibVaultCycle "
    "LibVaultSig LibVaultWords LibSchedule LibDueIndex LibLots LibMeter LibBounty LibMembership "
    "LibProposals LibVoting LibShares LibMintWindow LibX402 LibX402Batch LibPartySeats LibSeats "
    "FwCredits FwUSD ERC3009 LibSig LibLock"
).split()


@functools.cache
def sources() -> dict[str, str]:
    return read_sources()


@functools.cache
def users(path: str) -> tuple[str, ...]:
    """The files of the deployable contracts that contain code of `path`."""
    deployable = sorted({artifact.path for artifact in build("facetworks").values()})
    return tuple(p for p in deployable if path in _reached(p))


@functools.cache
def _reached(path: str) -> frozenset[str]:
    return frozenset(closure(path, sources()))


@functools.cache
def targets() -> dict[str, str]:
    """Every source that can be mutated, by its short name, in the order they are tried."""
    found = {
        Path(path).stem: path
        for path, text in sources().items()
        if not path.startswith(SKIPPED) and users(path) and mutants(path, text)
    }
    order = {name: place for place, name in enumerate(FIRST)}
    return {name: found[name] for name in sorted(found, key=lambda n: (order.get(n, 999), n))}


def shuffled(name: str, seed: int) -> list[Mutant]:
    """All mutants of a target, in an order that `seed` alone decides."""
    path = targets()[name]
    found = mutants(path, sources()[path])
    random.Random(f"{seed}:{name}").shuffle(found)
    return found


def changed(mutant: Mutant) -> Mapping[str, Artifact] | None:
    """The contracts whose code the mutant changes; None where it does not compile."""
    texts = {**sources(), mutant.path: mutant.applied(sources()[mutant.path])}
    try:
        compiled = compile_units(list(users(mutant.path)), texts, CompileOptions(), frozenset())
    except CompileError:
        return None
    found = {}
    known = build("facetworks")
    for contract in compiled.contracts.values():
        old = known.get(contract.name)
        if old is not None and (contract.bytecode, contract.runtime) != (
            old.init_code,
            old.runtime,
        ):
            found[old.name] = old._replace(init_code=contract.bytecode, runtime=contract.runtime)
    return found
