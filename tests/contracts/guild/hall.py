"""A guild as its people see it, and its votes."""

from __future__ import annotations

from typing import NamedTuple

from eth_abi.abi import encode

from tests.contracts.calls import Bound, Receipt
from tests.contracts.economy import ETHER, GUILD, Economy
from tests.contracts.signing import Key

NONE, MEMBER, OFFICER, ADMIN = range(4)
ACTIVE, PASSED, FAILED, EXECUTED, EXPIRED = range(5)
HOUR, DAY = 3_600, 86_400
INVITE_TTL = 30 * DAY
WEEK = 7 * DAY
LOOSEN_DELAY = 2 * DAY
EXECUTION_WINDOW = 30 * DAY
RANK_WINDOW = 2 * DAY


class Policy(NamedTuple):
    """The defaults of a new guild."""

    gate: bool = True
    tenure: int = 0
    delay: int = 0
    limit: int = 0
    cap: int = 32


class Proposal(NamedTuple):
    """What getProposal answers."""

    guild: int
    proposer: bytes
    to: bytes
    amount: int
    deadline: int
    status: int
    in_favour: int
    against: int


class Tally(NamedTuple):
    in_favour: int
    against: int
    quorum: int
    cast: int
    passing: bool


class Hall:
    """Alice founds "makers" and admins it; bob is an officer, carol a member; dave is nobody."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.facet: Bound = economy.guild
        self.voting: Bound = economy.voting
        self.admin, self.officer = economy.address("alice"), economy.address("bob")
        self.member, self.stranger = economy.address("carol"), economy.address("dave")
        self.id = self.found("makers")
        self.join(self.officer, OFFICER)
        self.join(self.member)

    def found(self, name: str, founder: bytes | None = None) -> int:
        return int(self.facet.send("createGuild", name, sender=founder or self.admin).value)

    def join(self, who: bytes, role: int = MEMBER, guild: int | None = None) -> Receipt:
        """Invited by the admin, accepted."""
        id_ = guild or self.id
        self.send("setRole", id_, who, role, sender=self.admin)
        return self.send("acceptGuildInvite", id_, sender=who)

    def crowd(self, count: int, guild: int | None = None, label: str = "crowd") -> list[bytes]:
        """So many new members nobody has seen before."""
        people = [Key.named(f"{label} {n}").address for n in range(count)]
        for who in people:
            self.join(who, guild=guild)
        return people

    def send(self, name: str, *args: object, sender: bytes) -> Receipt:
        return self.facet.send(name, *args, sender=sender)

    def fund(self, amount: int = 10 * ETHER, guild: int | None = None) -> Receipt:
        return self.send("fundGuild", guild or self.id, amount, sender=self.stranger)

    def policy(self, guild: int | None = None, **changes: int | bool) -> Receipt:
        wanted = tuple(Policy(**changes))  # type: ignore[arg-type]
        return self.send("setGuildPolicy", guild or self.id, wanted, sender=self.admin)

    def role(self, who: bytes, guild: int | None = None) -> int:
        return int(self.facet.call("roleOf", guild or self.id, who))

    def members(self, guild: int | None = None) -> tuple[bytes, ...]:
        return tuple(self.facet.call("guildMembersOf", guild or self.id))

    def treasury(self, guild: int | None = None) -> int:
        return int(self.facet.call("treasuryBalanceOf", guild or self.id))

    def held(self) -> int:
        return self.economy.held(GUILD)

    # -- guilds inside guilds ------------------------------------------------------------------

    def account(self, guild: int) -> bytes:
        """The guild's own account, deployed."""
        self.economy.tba.send("createTokenBoundAccount", guild, sender=self.stranger)
        return bytes(self.facet.call("guildAddress", guild))

    def through(self, account: bytes, holder: bytes, data: bytes) -> Receipt:
        """A call of the diamond by a guild's account, ordered by who holds the guild's identity."""
        handle = self.economy.bound("TokenBoundAccount", account)
        return handle.send("execute", self.economy.diamond, 0, data, 0, sender=holder)

    # -- votes ---------------------------------------------------------------------------------

    def propose(
        self,
        amount: int = ETHER,
        period: int = DAY,
        *,
        to: bytes | None = None,
        sender: bytes | None = None,
        memo: bytes = b"rent",
        guild: int | None = None,
    ) -> int:
        args = (guild or self.id, to or self.stranger, amount, memo, period)
        return int(self.voting.send("propose", *args, sender=sender or self.member).value)

    def vote(self, id_: int, *voters: bytes, support: bool = True) -> None:
        for voter in voters:
            self.voting.send("vote", id_, support, sender=voter)

    def execute(self, id_: int, sender: bytes | None = None) -> Receipt:
        return self.voting.send("execute", id_, sender=sender or self.stranger)

    def passed(self, amount: int = ETHER, period: int = DAY) -> int:
        """A proposal everybody voted for; the clock is not moved."""
        id_ = self.propose(amount, period)
        self.vote(id_, self.admin, self.officer, self.member)
        return id_

    def proposal(self, id_: int) -> Proposal:
        return Proposal(*self.voting.call("getProposal", id_))

    def status(self, id_: int) -> int:
        return self.proposal(id_).status

    def tally(self, id_: int) -> Tally:
        return Tally(*self.voting.call("tallyOf", id_))

    def active(self) -> set[int]:
        return set(self.voting.call("activeProposalsOf", self.id))


def memo_of(proposal: int) -> bytes:
    """What the treasury's event says of a payment that was voted on."""
    return bytes(encode(["uint256"], [proposal]))
