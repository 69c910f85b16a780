"""Which lines of a contract a transaction went through, for ape's tracebacks."""

from __future__ import annotations

from typing import Any

from ape.types import SourceTraceback


def source_traceback(contract: Any, frames: Any) -> SourceTraceback:
    """The statements of the contract that was called first, in the order in which they ran.

    A part of the traceback is what runs in one function without leaving it; what other contracts did in between
    belongs to the statement that called them."""
    traceback = SourceTraceback.model_validate([])
    places = contract.pcmap.parse()
    depth, before, function = None, None, None
    for frame in frames:
        depth = frame["depth"] if depth is None else depth
        item = places.get(frame["pc"]) if frame["depth"] == depth else None
        if item is None or item.line_start is None or item.location == before:
            continue
        before = item.location
        found = contract.lookup_function(before)
        if found is None:
            continue
        pcs = {frame["pc"]}
        if function is not None and found.name == function and _follows(traceback, before):
            traceback.extend_last(before, pcs=pcs)
        else:
            traceback.add_jump(before, found, 1, pcs=pcs, source_path=contract.source_path)
        function = found.name
    return traceback


def _follows(traceback: SourceTraceback, location: Any) -> bool:
    """Whether a place stands below all that the last part shows."""
    last = traceback.last
    return last is not None and last.end_lineno is not None and location[0] > last.end_lineno
