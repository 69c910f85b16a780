"""All value domains at once: what one of them does never shows in another's money."""

from __future__ import annotations

from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import TREASURY
from tests.invariants.code_rules import InviteRules
from tests.invariants.machine import DICE, run
from tests.invariants.message_rules import MessageRules
from tests.invariants.meter_rules import MeterRules
from tests.invariants.party_rules import PartyRules
from tests.invariants.reputation_rules import ReputationRules
from tests.invariants.schedule_rules import ScheduleRules
from tests.invariants.session_rules import SessionRules
from tests.invariants.validation_rules import ValidationRules
from tests.invariants.vault_rules import VaultRules
from tests.invariants.voting_rules import VotingRules
from tests.invariants.x402_rules import X402Rules


class EconomyMachine(
    X402Rules,
    ScheduleRules,
    ReputationRules,
    VotingRules,
    SessionRules,
    MessageRules,
    InviteRules,
    MeterRules,
    VaultRules,
    PartyRules,
    ValidationRules,
):
    """Every domain that holds money, identities that change hands, and a treasury."""

    @rule(dice=DICE)
    def identity_changes_hands(self, dice: Random) -> None:
        id_, to = dice.choice(sorted(self.holder)), dice.choice(self.actors)
        holder = self.holder[id_]
        self.attempt(self.economy.erc721, "transferFrom", holder, to, id_, sender=holder)
        self.hand_over(id_, to)

    @rule(dice=DICE)
    def treasury_step(self, dice: Random) -> None:
        owner, to = self.economy.owner.address, dice.choice(self.actors)
        amount = dice.choice((0, self.held[TREASURY] // 2, self.held[TREASURY]))
        if dice.random() < 0.05:
            amount = self.held[TREASURY] + 1
        expect = "ZeroAmount" if amount == 0 else None
        if amount > self.held[TREASURY]:
            expect = "BucketUnderflow"
        if amount == 0 and dice.random() < 0.9:
            return
        facet = self.economy.treasury
        args = (to, amount)
        if self.attempt(facet, "withdrawTreasury", *args, sender=owner, expect=expect):
            self.release(to, amount, TREASURY)

    @rule(dice=DICE)
    def somebody_donates(self, dice: Random) -> None:
        """Money sent by mistake belongs to nobody until it is skimmed."""
        who = dice.choice(self.actors)
        amount = min(self.balances[who], dice.choice((1, 10**18)))
        diamond, token = self.economy.diamond, self.economy.credits.address
        self.attempt(self.economy.credits, "transfer", diamond, amount, sender=who)
        receipt = self.attempt(self.economy.treasury, "skim", token, sender=who)
        assert receipt is not None and receipt.value == amount
        self.escrow(who, amount, TREASURY)


# A call that only works when the domain's story got going; one of them must have, in every run.
STORIES = {
    "payments": {"settle", "settleUpto", "settleBatch"},
    "jobs": {"recordRun", "completeJob", "cancelJob"},
    "bounties": {"acceptResult", "autoAccept", "reclaimExpired"},
    "reputation": {"attest"},
    "guilds": {"vote", "execute", "spendTreasury"},
    "sessions": {"openSession", "openSessionMax", "extendSession"},
    "messages": {"sendMessage", "sendMessagePaid"},
    "invites": {"acceptInvite", "acceptInviteFor", "reclaimInvite"},
    "meter": {"meter", "meterUpTo", "meterRef", "meterBatch", "withdrawCredits"},
    "fiat gate": {"mintFromFiat"},
    "vault": {"reserve", "redeem", "withdraw"},
    "parties": {"completeParty", "disbandParty"},
    "verdicts": {"challengeValidation", "resolveValidation", "reclaimStake"},
    "treasury": {"skim", "withdrawTreasury"},
}


def test_whole_economy() -> None:
    """Hypothesis leaves out a random part of the rules in each example, so the others get further."""
    run(EconomyMachine, examples=30, steps=60)
    done = EconomyMachine.calls - EconomyMachine.failures
    for domain, names in STORIES.items():
        assert any(done[name] for name in names), f"no success of {domain}"
