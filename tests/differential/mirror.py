"""An Evm whose every message also goes to a second one that runs the reference compiler's code.

It stands in for a plain `Evm`: whatever drives an economy through it (a tour, a state machine, random
messages) compares both builds at each step, without knowing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.chain.evm import DEFAULT_SENDER, Evm, Outcome
from tests.contracts.build import Artifact
from tests.differential.twins import Difference


class MirroredEvm(Evm):
    """`ours` runs here, `theirs` in the mirror; both map contract names to artifacts."""

    def __init__(self, ours: Mapping[str, Artifact], theirs: Mapping[str, Artifact]) -> None:
        self.mirror = Evm()
        super().__init__()
        self.messages = self.reverted = 0
        pairs = ((mine, theirs[name]) for name, mine in ours.items())
        self._pairs = sorted(pairs, key=lambda pair: -len(pair[0].init_code))

    # -- what happens here happens there -------------------------------------------------------

    @property
    def timestamp(self) -> int:
        return self._timestamp

    @timestamp.setter
    def timestamp(self, seconds: int) -> None:
        Evm.timestamp.__set__(self, seconds)  # type: ignore[attr-defined]
        self.mirror.timestamp = seconds

    def mine(self, blocks: int = 1, seconds: int = 12) -> None:
        super().mine(blocks, seconds)  # sets both clocks
        self.mirror.mine(blocks, 0)

    def fund(self, address: bytes, wei: int) -> None:
        super().fund(address, wei)
        self.mirror.fund(address, wei)

    def set_code(self, address: bytes, code: bytes) -> None:
        super().set_code(address, code)
        twins = [theirs.runtime for mine, theirs in self._pairs if mine.runtime == code]
        self.mirror.set_code(address, twins[0] if twins else code)

    def snapshot(self) -> Any:
        return super().snapshot(), self.mirror.snapshot()

    def revert(self, mark: Any) -> None:
        mine, yours = mark
        super().revert(mine)
        self.mirror.revert(yours)

    # -- messages, compared --------------------------------------------------------------------

    def deploy(self, init_code: bytes, **options: Any) -> Outcome:
        name, twin = "unknown code", init_code
        for mine, yours in self._pairs:
            if init_code.startswith(mine.init_code):
                name, twin = mine.name, yours.init_code + init_code[len(mine.init_code) :]
                break
        self._forget_touched()
        first = super().deploy(init_code, **options)
        second = self.mirror.deploy(twin, **options)
        return self._compare(f"deployment of {name}", first, second, code=True)

    def call(self, to: bytes, data: bytes = b"", **options: Any) -> Outcome:
        self._forget_touched()
        first = super().call(to, data, **options)
        second = self.mirror.call(to, data, **options)
        return self._compare(describe(to, data, options), first, second)

    def view(self, to: bytes, data: bytes = b"", **options: Any) -> Outcome:
        self._forget_touched()
        first = super().view(to, data, **options)
        second = self.mirror.view(to, data, **options)
        return self._compare(f"view, {describe(to, data, options)}", first, second)

    def _forget_touched(self) -> None:
        self.touched.clear()
        self.mirror.touched.clear()

    def _compare(self, what: str, first: Outcome, second: Outcome, code: bool = False) -> Outcome:
        self.messages += 1
        self.reverted += not first.success
        if (first.success, first.created, first.logs) != (
            second.success,
            second.created,
            second.logs,
        ):
            raise Difference(f"{what}: ours {first}, reference {second}")
        if not code and first.output != second.output:
            raise Difference(f"{what}: ours {first.output.hex()}, theirs {second.output.hex()}")
        for account, slot in {*self.touched, *self.mirror.touched}:
            mine = self.state.get_storage(account, slot)
            yours = self.mirror.state.get_storage(account, slot)
            if mine != yours:
                place = f"slot {slot:#x} of {account.hex()}"
                raise Difference(f"{what}: {place} holds {mine:#x}, theirs {yours:#x}")
        return first


def describe(to: bytes, data: bytes, options: Mapping[str, Any]) -> str:
    """A message in words, for the report of a difference."""
    sender = bytes(options.get("sender", DEFAULT_SENDER)).hex()
    return f"{data.hex()} to {to.hex()} from {sender}"
