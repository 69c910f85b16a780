"""What the passes made of each function, step by step, in one ordinary build."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from compiler import CompileOptions
from compiler.artifact import CompiledContract
from compiler.ir.printer import print_function
from compiler.ir.reader import read_function
from compiler.ir.values import Function, Module
from compiler.passes.order import INLINING, Pass
from compiler.pipeline import compile_units
from compiler.timing import Timing
from tests.fir.machine import Code

FREE_MEMORY = "free-memory"


class Step(NamedTuple):
    """A pass over one function of a module, with the function's text before and behind."""

    module: str
    name: str
    function: str
    before: str
    after: str


class Recorded:
    """A module as lowering left it, and the steps that changed it."""

    def __init__(self, module: Module) -> None:
        self.module = module
        self.first = {name: print_function(f) for name, f in module.functions.items()}
        self.last = dict(self.first)
        self.at: Function | None = None  # what the pass before this one looked at
        self.steps: list[Step] = []

    def note(self, name: str, function: str, before: str, after: str) -> None:
        if before != after:
            self.steps.append(Step(self.module.name, name, function, before, after))
        self.last[function] = after


class Recorder(Timing):
    """Handed to a build as its `timing`. Where a contract is lowered again, the last time counts."""

    def __init__(self) -> None:
        super().__init__()
        self.modules: dict[str, Recorded] = {}
        self._open: Recorded | None = None

    def stage(self, name: str, run: Callable[..., Any], *arguments: Any) -> Any:
        if name != "passes":
            return run(*arguments)
        module = arguments[0]
        self._open = recorded = self.modules[module.name] = Recorded(module)
        try:
            return run(*arguments)
        finally:
            self._open = None
            for function in module.functions.values():
                text = print_function(function)
                recorded.note(FREE_MEMORY, function.name, recorded.last[function.name], text)

    def watched(self, passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
        return tuple((name, self._noted(name, run)) for name, run in passes)

    def _noted(self, name: str, run: Callable[[Function], bool]) -> Callable[[Function], bool]:
        recorded = self._open
        assert recorded is not None

        def noted(function: Function) -> bool:
            before = recorded.last[function.name]
            if recorded.at is not function:  # something may have happened to it since
                recorded.at = function
                before = print_function(function)
                recorded.note(INLINING, function.name, recorded.last[function.name], before)
            changed = run(function)
            recorded.note(name, function.name, before, print_function(function))
            return changed

        return noted


class Build:
    """All modules of a build, at any point between lowering and the back end: point 0 is what lowering made, point
    `n` what the first n steps left."""

    def __init__(self, sources: Mapping[str, str], options: CompileOptions) -> None:
        recorder = Recorder()
        options.timing = recorder
        compiled = compile_units(list(sources), sources, options, frozenset(), imported=True)
        self.contracts: dict[str, CompiledContract] = compiled.contracts
        self.libraries = options.libraries
        self.modules = recorder.modules
        self.steps = [step for recorded in self.modules.values() for step in recorded.steps]
        self._functions: dict[str, Function] = {}

    def at(self, point: int) -> list[Code]:
        """The code of every contract, with FIR as it was at a point."""
        return [self._code(name, functions) for name, functions in self.texts(point).items()]

    def texts(self, point: int) -> dict[str, dict[str, str]]:
        """By module and function."""
        found = {name: dict(recorded.first) for name, recorded in self.modules.items()}
        for step in self.steps[:point]:
            found[step.module][step.function] = step.after
        return found

    def behind_each_pass(self) -> list[int]:
        """Where each pass was through with each module, and where it all began."""
        last = {(step.module, step.name): point for point, step in enumerate(self.steps, 1)}
        return sorted({0, *last.values()})

    def _function(self, text: str) -> Function:
        if text not in self._functions:
            self._functions[text] = read_function(text)
        return self._functions[text]

    def _code(self, name: str, texts: Mapping[str, str]) -> Code:
        made = self.modules[name].module
        module = Module(name)
        module.functions = {text: self._function(body) for text, body in texts.items()}
        for word in ("dispatch", "receive", "fallback", "constructor", "non_payable", "unmatched"):
            setattr(module, word, getattr(made, word))
        full_name = name.removesuffix(".creation")
        contract = self.contracts[full_name]
        if made.constructor is None:
            own, parts = contract.runtime, {}
        else:
            own, parts = contract.bytecode, {"runtime": contract.runtime}
        for carried in made.embedded:
            other = self.contracts[carried.removesuffix(".runtime")]
            parts[carried] = other.runtime if carried.endswith(".runtime") else other.bytecode
        return Code(module, own, parts, self.libraries)
