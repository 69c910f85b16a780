"""Compile one semantic test, run its calls, compare."""

from __future__ import annotations

import re

from eth_utils.crypto import keccak

from compiler import CompileError, CompileOptions, compile_sources
from compiler.artifact import Compilation, CompiledContract
from harness.chain.evm import Log, Outcome
from tests.conformance.cases import Call, Case
from tests.conformance.command import Verdict
from tests.conformance.host import Host, account
from tests.conformance.literals import Reader, tokens

PASSED, WRONG, REFUSED, CRASHED, SKIPPED = "passed", "wrong", "refused", "crashed", "skipped"
_FORKS = ("prague", "cancun", "shanghai")  # newest first
_ORDER = (
    "homestead", "tangerineWhistle", "spuriousDragon", "byzantium", "constantinople", "petersburg",
    "istanbul", "berlin", "london", "paris", "shanghai", "cancun", "prague",
)  # fmt: skip
_ANONYMOUS = "<anonymous>"


def judge(case: Case) -> Verdict:
    """Run a test. Only an exception that is not a CompileError is a crash."""
    reason = out_of_scope(case)
    if reason:
        return Verdict(SKIPPED, reason)
    fork = fork_for(case.settings)
    if fork is None:
        return Verdict(SKIPPED, f"EVM {case.settings['EVMVersion']}")
    try:
        return _Trial(case, fork).run()
    except CompileError as error:
        first = next(d for d in error.diagnostics if d.severity == "error")
        return Verdict(REFUSED, f"{first.code} {first.message}")
    except Exception as error:  # the board counts whatever the compiler or the run throws
        return Verdict(CRASHED, f"{type(error).__name__}: {error}"[:200])


def out_of_scope(case: Case) -> str:
    """Why a test is about another coder, code generator or machine; empty when it is not."""
    text = "".join(case.sources.values())
    settings = case.settings
    if re.search(r"pragma\s+abicoder\s+\"?v1", text) or settings.get("ABIEncoderV1Only") == "true":
        return "ABI coder v1"
    if re.search(r"pragma\s+experimental\s+\"?solidity", text):
        return "experimental language"
    if settings.get("bytecodeFormat", "legacy").startswith(">=EOF"):
        return "EOF"
    if settings.get("revertStrings") == "debug":
        return "debug revert strings"
    if settings.get("compileViaYul") == "false":
        return "legacy code generator"
    return ""


def fork_for(settings: dict[str, str]) -> str | None:
    """The newest EVM here that a test allows."""
    rule = settings.get("EVMVersion", "")
    match = re.fullmatch(r"(>=|<=|<|>|=|)\s*(\w*)", rule)
    if not rule or match is None:
        return _FORKS[0]
    bound = _ORDER.index(match[2])
    for fork in _FORKS:
        at = _ORDER.index(fork)
        holds = {">=": at >= bound, "<=": at <= bound, "<": at < bound, ">": at > bound}
        if holds.get(match[1], at == bound):
            return fork
    return None


class _Trial:
    def __init__(self, case: Case, fork: str) -> None:
        self.case = case
        self.options = CompileOptions(evm_version=fork)
        self.host = Host(fork)
        self.libraries: dict[str, bytes] = {}
        self.address = bytes(20)
        self.last: Outcome | None = None

    def run(self) -> Verdict:
        # The entry file comes last, and its last contract is the one under test.
        sources = self.case.sources
        build = compile_sources(sources, self.options)
        target = [c for c in build.contracts.values() if c.path == self.case.main][-1]
        events = _events(build)
        constructed = False
        for number, call in enumerate(self.case.calls, 1):
            if call.kind == "library":
                self._library(build, call)
                continue
            if not constructed:
                begins = call.kind == "constructor"
                made = self._create(target, call.arguments if begins else b"", call.wei * begins)
                constructed = True
                if begins:
                    if made.success == call.fails:
                        return Verdict(WRONG, f"call {number}: constructor {_shown(made)}")
                    wrong = self._effects(call, made.logs, events)
                    if wrong:
                        return Verdict(WRONG, f"call {number}: {wrong}")
                    continue
                if not made.success:
                    return Verdict(WRONG, f"constructor {_shown(made)}")
            wrong = self._call(call, events)
            if wrong:
                return Verdict(WRONG, f"call {number} {call.signature}: {wrong}")
        return Verdict(PASSED)

    def _create(self, contract: CompiledContract, arguments: bytes, wei: int) -> Outcome:
        code = contract.creation.linked(self.libraries).whole()
        made = self.host.create(code + arguments, wei)
        self.address = made.created or bytes(20)
        return made

    def _library(self, build: Compilation, call: Call) -> None:
        named = [c for c in build.contracts.values() if c.name == call.signature]
        library = next(c for c in named if call.library_file in ("", c.path))
        made = self._create(library, b"", 0)
        if not made.success:
            raise RuntimeError(f"library {call.signature} was not created")
        self.libraries[library.full_name] = self.address

    def _call(self, call: Call, events: dict[bytes, str]) -> str:
        """What is wrong with one call; empty when nothing is."""
        if call.kind == "builtin":
            return self._builtin(call)
        data = call.arguments
        if call.kind == "function":
            data = keccak(text=call.signature)[:4] + data
        outcome = self.host.send(self.address, data, call.wei)
        if outcome.success == call.fails or outcome.output != call.output:
            return (
                f"{_shown(outcome)}, expected {'failure' if call.fails else ''} {call.output.hex()}"
            )
        return self._effects(call, outcome.logs, events)

    def _builtin(self, call: Call) -> str:
        name = call.signature.partition("(")[0]
        address = call.arguments[-20:] if call.arguments else self.address
        if name == "balance":
            given = self.host.balance(address)
        elif name == "storageEmpty":
            given = int(not self.host.storage(self.address))
        elif name == "account":
            self.host.sender = account(int.from_bytes(call.arguments, "big"))
            given = int.from_bytes(self.host.sender, "big")
        else:  # the two that test the test runner itself
            return ""
        output = given.to_bytes(32, "big")
        return "" if output == call.output else f"{output.hex()}, expected {call.output.hex()}"

    def _effects(self, call: Call, logs: tuple[Log, ...], events: dict[bytes, str]) -> str:
        given = [_described(log, self.address, events) for log in logs]
        wanted = [_expected(effect) for effect in call.effects]
        if given == wanted:
            return ""
        return f"logs {given}, expected {wanted}"


def _shown(outcome: Outcome) -> str:
    return f"{'gave' if outcome.success else 'failed with'} {outcome.output.hex()[:400]}"


def _events(build: Compilation) -> dict[bytes, str]:
    """Signatures of the events that are not anonymous, by topic."""
    found = {}
    for contract in build.contracts.values():
        for entry in contract.abi:
            if entry["type"] == "event" and not entry["anonymous"]:
                signature = f"{entry['name']}({','.join(_canonical(i) for i in entry['inputs'])})"
                found[keccak(text=signature)] = signature
    return found


def _canonical(entry: dict[str, object]) -> str:
    kind = str(entry["type"])
    if not kind.startswith("tuple"):
        return kind
    parts = entry["components"]
    assert isinstance(parts, list)
    return f"({','.join(_canonical(part) for part in parts)}){kind[5:]}"


def _described(
    log: Log, contract: bytes, events: dict[bytes, str]
) -> tuple[str, list[bytes], bytes]:
    topics = [topic.to_bytes(32, "big") for topic in log.topics]
    name = events.get(topics[0], "") if topics else ""
    head = f"emit {name or _ANONYMOUS}"
    if log.address != contract:
        head += f" from 0x{log.address.hex()}"
    return head, topics[1:] if name else topics, log.data


def _expected(effect: str) -> tuple[str, list[bytes], bytes]:
    match = re.fullmatch(r"(emit .*?(?: from 0x[0-9a-f]+)?)(?::\s(.*))?", effect)
    assert match is not None, effect
    topics: list[bytes] = []
    data = b""
    for part in _parts(match[2] or ""):
        value = Reader(tokens(part.removeprefix("#"))).value()
        if part.startswith("#"):
            topics.append(value)
        else:
            data += value
    return match[1], topics, data


def _parts(text: str) -> list[str]:
    return [
        part.strip() for part in re.findall(r'(?:"(?:\\.|[^"\\])*"|[^,])+', text) if part.strip()
    ]
