"""Two builds of a generated contract, each on a chain with the same counterpart."""

from __future__ import annotations

from harness.chain.evm import DEFAULT_SENDER, Outcome
from tests.differential.builds import Pair
from tests.differential.twins import Difference, Message, Twins
from tests.fuzz import counterpart
from tests.fuzz.chain import LARGEST_INIT, JournalledEvm, RecordedEvm, chain

LARGEST = 24_576  # bytes of code, EIP-170
NEARLY_ALL = 28_000_000  # of the 30 million gas of a message


class GasSpent(Exception):
    """Something that ends with all its gas (the counterpart, a second contract at one address) took nearly all of the
    message's, and with the rest only ours came to an end: the states are two now, and neither is wrong."""


class SpentInside(GasSpent):
    """The reference alone spent it, in a call. It may be a write in a static call that ours leaves out because a
    panic follows; then a build of ours that leaves nothing out does as the reference."""


class World(Twins):
    """As `Twins`, and more is compared: balances, and storage of contracts that were made. Those made with a
    salt have addresses that depend on their code, so they are compared as a bag."""

    ours: JournalledEvm | RecordedEvm
    theirs: JournalledEvm | RecordedEvm

    def __init__(self, pair: Pair, arguments: bytes = b"") -> None:
        self.pair = pair
        self.ours, self.theirs = chain(), chain()
        for evm in (self.ours, self.theirs):
            evm.fund(DEFAULT_SENDER, 10**30)
            evm.set_code(counterpart.ADDRESS, counterpart.code())
            evm.fund(counterpart.ADDRESS, 5)
        for ours, theirs in pair.libraries:
            assert self.ours.deploy(ours).created == self.theirs.deploy(theirs).created
        self.reverted = 0
        first = self.ours.deploy(pair.ours + arguments)
        second = self.theirs.deploy(pair.theirs + arguments)
        self.address = first.created
        self._compare("constructor", first, second, code=True)

    def script(self, data: bytes) -> None:
        """What the counterpart does from now on."""
        for evm in (self.ours, self.theirs):
            evm.call(counterpart.ADDRESS, data, sender=counterpart.DIRECTOR)

    def step(self, step: Message | bytes) -> None:
        if isinstance(step, bytes):
            self.script(step)
        else:
            self.send(step)

    def _compare(self, what: str, first: Outcome, second: Outcome, code: bool = False) -> None:
        if first.error == "OutOfGas" and first.success == second.success:
            return
        if first.success and second.error == "OutOfGas" and first.gas_used > NEARLY_ALL:
            raise GasSpent
        silent = not second.success and not second.output and second.error != "OutOfGas"
        if first.success and silent and second.gas_used > NEARLY_ALL:
            raise SpentInside(what)
        super()._compare(what, first, second, code)

    def _compare_storage(self, what: str) -> None:
        known = {counterpart.ADDRESS, self.address or b""}
        mine = {a: self.ours.storage(a) for a in self.ours.accounts()}
        yours = {a: self.theirs.storage(a) for a in self.theirs.accounts()}
        for account in known:
            self._same(what, account, mine.get(account, {}), yours.get(account, {}))
            balances = self.ours.balance(account), self.theirs.balance(account)
            if account and balances[0] != balances[1]:
                raise Difference(f"{what}: balance of {account.hex()}: {balances}")
        others = [
            sorted(str(s) for a, s in side.items() if a not in known and s)
            for side in (mine, yours)
        ]
        if others[0] != others[1]:
            raise Difference(f"{what}: storage of contracts made: {others[0]} against {others[1]}")

    def _same(self, what: str, account: bytes, mine: dict[int, int], yours: dict[int, int]) -> None:
        if mine != yours:
            slots = sorted(s for s in {*mine, *yours} if mine.get(s, 0) != yours.get(s, 0))
            shown = {hex(s): (hex(mine.get(s, 0)), hex(yours.get(s, 0))) for s in slots}
            raise Difference(f"{what}: storage of {account.hex()} differs: {shown}")


def fits(pair: Pair) -> bool:
    """Both can be deployed at all, with room for the constructor's arguments."""
    return (
        max(len(pair.our_runtime), len(pair.their_runtime)) <= LARGEST
        and max(len(pair.ours), len(pair.theirs)) <= LARGEST_INIT - 4_096
    )
