"""Everybody's way out: once the tokens are honest, every escrow that views show can leave in bounded time.

Who may do it by the documentation does it: strangers where strangers may, else the owner of the escrow.
"""

from __future__ import annotations

from eth_utils.crypto import keccak

from tests.contracts.calls import Reverted
from tests.contracts.economy import BUCKETS, DAY
from tests.invariants.hostile.moves import Scene

# The longest lock is a year (fiat lots), the longest life 90 days.
LONGEST = 366 * DAY


class Exits:
    """Sends what releases each escrow; every call must succeed."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.economy = scene.economy
        self.stranger = b"\x77" * 20
        self.calls = 0

    def run(self) -> None:
        economy = self.economy
        for token in economy.tokens:
            token.send("setMode", 0, sender=self.stranger)
        economy.later(LONGEST)
        self.bounties()
        self.jobs()
        self.parties()
        self.verdicts()
        self.invites()
        self.vault()
        self.guilds()
        self.credits()
        self.owed()
        self.treasury()

    def send(self, facet: str, name: str, *args: object, sender: bytes | None = None) -> None:
        economy, who = self.economy, sender or self.stranger
        handle = getattr(economy, facet)
        self.calls += 1
        if who == economy.trap.address:
            data = handle.data(name, *args)
            economy.trap.send("act", economy.diamond, data, sender=self.stranger)
        else:
            handle.send(name, *args, sender=who)

    def bounties(self) -> None:
        for id_ in range(1, self.scene.ask("bounty", "bountyCount") + 1):
            if self.scene.ask("bounty", "getBounty", id_)[3] > 2:
                continue
            details = self.scene.ask("bounty", "getBountyEx", id_)
            silent = (
                self.scene.ask("bounty", "getBounty", id_)[3] == 2 and details[4] and not details[6]
            )
            self.send("bounty", "autoAccept" if silent else "reclaimExpired", id_)

    def jobs(self) -> None:
        for id_ in range(1, self.scene.ask("schedule", "jobCount") + 1):
            owner, _, status, *_ = self.scene.ask("schedule", "getJob", id_)
            if status == 0:
                self.send("schedule", "reapJob", id_)
            if status == 1:
                self.send("schedule", "cancelJob", id_, sender=owner)

    def parties(self) -> None:
        for id_ in range(1, self.scene.ask("party", "partyCount") + 1):
            if self.scene.ask("party", "getParty", id_)[2] < 2:
                self.send("party", "disbandParty", id_)

    def verdicts(self) -> None:
        for id_ in range(1, self.scene.ask("validation", "validationCount") + 1):
            status = self.scene.ask("validation", "getValidation", id_)[7]
            if status < 2:
                self.send("validation", ("reclaimStake", "reclaimUnresolved")[status], id_)

    def invites(self) -> None:
        for code in self.scene.codes:
            hashed = keccak(text=code)
            try:
                status = self.scene.ask("invite", "getInvite", hashed)[3]
            except Reverted:
                continue  # it was refused when it was made
            if status == 0:
                self.send("invite", "reclaimInvite", hashed)

    def vault(self) -> None:
        economy, scene = self.economy, self.scene
        for consumer, operator in sorted(scene.pairs):
            self.send("vault", "releaseExpired", consumer, operator)
        consumers = [who for who in sorted(scene.consumers) if scene.ask("vault", "balance", who)]
        for who in consumers:
            self.send("vault", "requestWithdraw", sender=who)
        economy.later(2 * DAY)
        for who in consumers:
            assert scene.ask("vault", "lockedTotal", who) == 0
            amount = scene.ask("vault", "balance", who)
            self.send("vault", "withdraw(uint256,address)", amount, self.stranger, sender=who)
        if scene.ask("vault_admin", "feesAccrued"):
            self.send("vault_admin", "collectFees")

    def guilds(self) -> None:
        for id_ in self.scene.guilds:
            amount = self.scene.ask("guild", "treasuryBalanceOf", id_)
            members = self.scene.ask("guild", "guildMembersOf", id_)
            admin = next(who for who in members if self.scene.ask("guild", "roleOf", id_, who) == 3)
            if amount:
                args = id_, self.stranger, amount, b""
                self.send("guild", "spendTreasury", *args, sender=admin)

    def credits(self) -> None:
        for who in self.scene.actors:
            amount = self.scene.ask("credit_meter", "creditOf", who)
            if amount:
                self.send("credit_meter", "withdrawCredits", amount, sender=who)

    def owed(self) -> None:
        accounts = [self.economy.account_of(id_) for id_ in self.economy.names]
        for token in self.economy.tokens:
            for who in [*self.scene.actors, *accounts, self.economy.owner.address, self.stranger]:
                if self.scene.ask("treasury", "owedOf", token.address, who):
                    self.send("treasury", "claimOwedTo", token.address, self.stranger, sender=who)

    def treasury(self) -> None:
        economy = self.economy
        for token in economy.tokens:
            self.send("treasury", "skim", token.address)
            held = economy.held(1, token.address)
            if held:
                args = token.address, self.stranger, held
                self.send("treasury", "withdrawTreasuryOf", *args, sender=economy.owner.address)
            left = {bucket: economy.held(bucket, token.address) for bucket in BUCKETS}
            assert not any(left.values()), left
            assert token.call("balanceOf", economy.diamond) == 0
