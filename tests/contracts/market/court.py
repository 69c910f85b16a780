"""Staked verdicts as their people see them."""

from __future__ import annotations

from typing import NamedTuple

from tests.contracts.calls import Bound, Receipt
from tests.contracts.economy import ETHER, VALIDATION, Economy
from tests.contracts.signing import nonce

OPEN, CHALLENGED, RECLAIMED, VALIDATOR_WON, CHALLENGER_WON, DRAWN = range(6)
CHALLENGE_WINDOW, RESOLUTION_WINDOW = 3 * 86_400, 7 * 86_400
MAX_STAKED = 1_000_000 * ETHER
OTHER_WORK = b"\xab" * 32  # no bounty's id


class ValidationState(NamedTuple):
    """What getValidation answers."""

    validator: bytes
    challenger: bytes
    subject: int
    work_ref: bytes
    stake: int
    challenge_deadline: int
    resolve_deadline: int
    status: int
    valid: bool


class Court:
    """Alice's identity has worked on bob's bounty; carol judges the work, dave objects, erin watches."""

    def __init__(self, economy: Economy) -> None:
        self.economy = economy
        self.facet: Bound = economy.validation
        names = ("alice", "bob", "carol", "dave", "erin")
        self.worker, self.poster, self.validator, self.challenger, self.stranger = map(
            economy.address, names
        )
        self.subject = economy.register("alice", "subject")
        self.bounty = economy.bounty.send("postBounty", b"", 1, 86_400, sender=self.poster).value
        self.work = nonce(self.bounty)

    def send(self, name: str, *args: object, sender: bytes) -> Receipt:
        return self.facet.send(name, *args, sender=sender)

    def stake(
        self, amount: int = ETHER, *, work: bytes | None = None, sender: bytes | None = None
    ) -> int:
        args = (work or self.work, self.subject, True, amount)
        return int(self.send("stakeValidation", *args, sender=sender or self.validator).value)

    def challenge(self, id_: int, sender: bytes | None = None) -> Receipt:
        return self.send("challengeValidation", id_, sender=sender or self.challenger)

    def disputed(self, amount: int = ETHER, *, work: bytes | None = None) -> int:
        """A verdict with two sides."""
        id_ = self.stake(amount, work=work)
        self.challenge(id_)
        return id_

    def resolve(self, id_: int, wins: bool, sender: bytes | None = None) -> Receipt:
        return self.send("resolveValidation", id_, wins, sender=sender or self.poster)

    def state(self, id_: int) -> ValidationState:
        return ValidationState(*self.facet.call("getValidation", id_))

    def status(self, id_: int) -> int:
        return self.state(id_).status

    def escrow(self) -> int:
        return self.economy.held(VALIDATION)

    def staked(self, account: bytes) -> int:
        return int(self.facet.call("validationStakedOf", account))

    def live(self, account: bytes) -> int:
        return int(self.facet.call("activeValidationCountOf", account))
