"""For a program that `make fuzz` found: is lowering to blame, a pass, or the back end?"""

from __future__ import annotations

from tests.fir.bisect import bisect
from tests.fuzz.reference import reference
from tests.fuzz.trial import SETTINGS


def blame(text: str, explore: int = 12) -> str:
    """A report for a contract `Main` that behaves otherwise than the reference's; never raises."""
    try:
        answer = reference({"found.sol": text}, via_ir=True, keep=False)["found.sol"]
        expected = bytes.fromhex(answer.contract["evm"]["bytecode"]["object"])
        for options in SETTINGS:
            verdict = bisect(
                {"found.sol": text}, options, "Main", explore=explore, expected=expected
            )
            if verdict is not None:
                return f"at level {options.optimize}, for {options.optimize_for}: {verdict.told()}"
    except Exception as error:  # the report must not end a campaign
        return f"no stage to blame: {error!r}"
    return "no stage to blame: the difference was not drawn again"
