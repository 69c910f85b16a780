"""An EVM on which some code is not run as bytes: frames of it run the FIR that it was made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from eth.exceptions import FullStack, OutOfGas
from eth.vm.opcode import as_opcode

from harness.chain.evm import Evm
from tests.fir.machine import Claims, Code, Machine

_FIR = 0x100  # no byte: frames whose code is this one operation
LIMITS = (OutOfGas, FullStack)


class FirEvm(Evm):
    """Runtime code is known by its bytes, creation code by how it begins. `limited` says that a frame of the last
    message ran into a limit of the EVM, which FIR does not reach where bytecode does."""

    def __init__(self, codes: Iterable[Code] = (), claims: Claims | None = None) -> None:
        super().__init__()
        self.limited = False
        self.immutables: dict[bytes, dict[str, int]] = {}
        machines = [Machine(code, self.immutables, claims) for code in codes]
        self.machines = machines
        self._runtime = {m.code.own: m for m in machines if m.code.module.constructor is None}
        creation = [m for m in machines if m.code.module.constructor is not None]
        self._creation = sorted(creation, key=lambda m: -len(m.code.own))
        if machines:
            self._computation = self._with_fir(self._computation)
            self.state.computation_class = self._computation

    def _machine(self, message: Any) -> Machine | None:
        code = bytes(message.code)
        if not message.is_create:
            return self._runtime.get(code)
        return next((m for m in self._creation if code.startswith(m.code.own)), None)

    def _with_fir(self, base: Any) -> Any:
        find = self._machine

        class FirComputation(base):  # type: ignore[misc]
            """Frames of known code have one operation, which is all of it."""

            def __init__(self, *arguments: Any) -> None:
                super().__init__(*arguments)
                self.fir = find(self.msg)
                if self.fir is not None:
                    self.code = [_FIR]

        def run(computation: Any) -> None:
            computation.fir.run(computation)

        FirComputation.opcodes = {**base.opcodes, _FIR: as_opcode(run, "FIR", 0)}
        return FirComputation

    def _run(self, message: Any, apply: Callable[..., Any]) -> Any:
        computation = super()._run(message, apply)
        self.limited = _limited(computation)
        return computation


def _limited(computation: Any) -> bool:
    todo = [computation]
    while todo:
        frame = todo.pop()
        if isinstance(frame._error, LIMITS):
            return True
        todo += frame.children
    return False
