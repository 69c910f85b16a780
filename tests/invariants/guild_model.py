"""A guild in Python: members by seat, invites, policy, money. Plain lists where the chain packs words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

NONE, MEMBER, OFFICER, ADMIN = range(4)
DAY = 86_400
INVITE_TTL = 30 * DAY
LOOSEN_DELAY = 2 * DAY
MAX_MEMBERS = 128


class Seated(NamedTuple):
    """A membership, from joining to leaving."""

    role: int
    sequence: int
    joined_at: int
    seat: int


class Invite(NamedTuple):
    role: int
    until: int
    by: bytes
    sequence: int


class Policy(NamedTuple):
    """As a call has it."""

    gate: bool = True
    tenure: int = 0
    delay: int = 0
    limit: int = 0
    cap: int = 32


@dataclass
class Guild:
    """Everything about one guild; `account` is its own."""

    account: bytes
    balance: int = 0
    sequence: int = 0
    members: dict[bytes, Seated] = field(default_factory=dict)
    seats: list[bytes | None] = field(default_factory=list)
    free: list[int] = field(default_factory=list)
    invites: dict[bytes, Invite] = field(default_factory=dict)
    policy: Policy = field(default_factory=Policy)
    gate_off_at: int = 0
    next_limit: tuple[int, int] | None = None
    sent: list[tuple[bytes, int]] = field(default_factory=list)
    spent: dict[tuple[bytes, int], int] = field(default_factory=dict)
    last_sequence: dict[bytes, int] = field(default_factory=dict)

    def role(self, who: bytes) -> int:
        return self.members[who].role if who in self.members else NONE

    def admins(self) -> int:
        return sum(m.role == ADMIN for m in self.members.values())

    def sit(self, who: bytes, role: int, now: int) -> None:
        self.sequence += 1
        assert self.sequence > self.last_sequence.get(who, 0)  # G-I7
        self.last_sequence[who] = self.sequence
        if self.free:
            seat = self.free.pop()
            self.seats[seat] = who
        else:
            seat = len(self.seats)
            self.seats.append(who)
        self.members[who] = Seated(role, self.sequence, now, seat)

    def stand(self, who: bytes) -> None:
        self.sequence += 1
        seat = self.members.pop(who).seat
        self.seats[seat] = None
        self.free.append(seat)

    def change(self, who: bytes, role: int) -> None:
        self.members[who] = self.members[who]._replace(role=role)

    def invited(self, who: bytes, now: int) -> Invite | None:
        invite = self.invites.get(who)
        return invite if invite and now <= invite.until else None

    def inviter(self, invite: Invite) -> bytes:
        here = self.members.get(invite.by)
        return invite.by if here and here.sequence == invite.sequence else b"\0" * 20

    # -- policy --------------------------------------------------------------------------------

    def gate_on(self, now: int) -> bool:
        return self.policy.gate and (self.gate_off_at == 0 or now < self.gate_off_at)

    def limit(self, now: int) -> int:
        if self.next_limit and now >= self.next_limit[1]:
            return self.next_limit[0]
        return self.policy.limit

    def in_force(self, now: int) -> Policy:
        return self.policy._replace(gate=self.gate_on(now), limit=self.limit(now))

    def adopt(self, wanted: Policy, now: int) -> None:
        """Stricter at once, looser in two days; what waits already goes on waiting."""
        current = self.in_force(now)
        gate_off_at = 0
        if current.gate and not wanted.gate:
            gate_off_at = self.gate_off_at or now + LOOSEN_DELAY
        waiting = None
        if current.limit and (wanted.limit == 0 or wanted.limit > current.limit):
            waiting = wanted.limit, now + LOOSEN_DELAY
            pending = self.next_limit
            if pending and now < pending[1] and pending[0] == wanted.limit:
                waiting = pending
        self.gate_off_at, self.next_limit = gate_off_at, waiting
        gate = wanted.gate or gate_off_at != 0
        self.policy = wanted._replace(gate=gate, limit=current.limit if waiting else wanted.limit)

    def invites_left(self, who: bytes, now: int) -> bool:
        """Counted by day, today and the seven before."""
        today = now // DAY
        recent = sum(by == who and today - day < 8 for by, day in self.sent)
        return recent < self.policy.cap

    def may_spend(self, who: bytes, amount: int, now: int) -> bool:
        limit = self.limit(now)
        return limit == 0 or self.spent.get((who, now // DAY), 0) + amount <= limit
