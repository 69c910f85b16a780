"""RG-I1 to RG-I4, E-I1 to E-I3, T-I1 and T-I3 over random lives of identities."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from hypothesis.stateful import rule

from tests.contracts.calls import Bound
from tests.contracts.economy import ACTORS, ZERO, Economy
from tests.contracts.signing import nonce
from tests.invariants.chain import shared
from tests.invariants.machine import DICE, ChainMachine, run

KEYS = (nonce(1), nonce(2))
NAMES = [f"name-{n}" for n in range(12)]


@dataclass
class Person:
    """What the model knows of an account."""

    main: int = 0
    operators: set[bytes] = field(default_factory=set)
    last: int = 0


@dataclass
class Token:
    """What the model knows of a living identity."""

    name: str
    owner: bytes
    approved: bytes = ZERO
    metadata: dict[bytes, bytes] = field(default_factory=dict)


class IdentityMachine(ChainMachine):
    """Registers, trades, approves, burns; accounts act for whoever holds them."""

    def __init__(self) -> None:
        super().__init__()
        self.economy: Economy = shared()
        self.actors = [self.economy.address(name) for name in ACTORS[:4]]
        self.people = {actor: Person() for actor in self.actors}
        self.tokens: dict[int, Token] = {}
        self.burned: dict[int, str] = {}
        self.issued = 0
        self.accounts: dict[int, Bound] = {}
        self.states: dict[int, int] = {}
        self.signers: dict[int, set[tuple[bytes, bytes]]] = {}

    @rule(dice=DICE)
    def step(self, dice: Random) -> None:
        if not self.tokens:
            self.register(dice)
            return
        action = dice.choice(
            (
                self.register,
                self.transfer,
                self.transfer,
                self.approve,
                self.operator,
                self.main,
                self.metadata,
                self.burn,
                self.account_acts,
                self.account_acts,
                self.enrol,
            )
        )
        action(dice)

    def pick(self, dice: Random) -> tuple[int, Token]:
        id_ = dice.choice(sorted(self.tokens))
        return id_, self.tokens[id_]

    def register(self, dice: Random) -> None:
        name, who = dice.choice(NAMES), dice.choice(self.actors)
        taken = any(token.name == name for token in self.tokens.values())
        if taken and dice.random() < 0.8:
            return
        expect = "NameTaken" if taken else None
        facet = self.economy.registry
        receipt = self.attempt(facet, "register", name, sender=who, expect=expect)
        if receipt is None:
            return
        self.issued += 1
        assert receipt.value == self.issued  # RG-I3
        self.tokens[self.issued] = Token(name, who)
        person = self.people[who]
        person.last = self.issued
        if person.main == 0:
            person.main = self.issued

    def entitled(self, token: Token, who: bytes) -> bool:
        operators = self.people[token.owner].operators if token.owner in self.people else set()
        return who == token.owner or who == token.approved or who in operators

    def transfer(self, dice: Random) -> None:
        id_, token = self.pick(dice)
        owner, to = token.owner, dice.choice(self.actors)
        allowed = [a for a in self.actors if self.entitled(token, a)] or self.actors
        who = dice.choice(allowed) if dice.random() < 0.9 else dice.choice(self.actors)
        own_account = self.economy.account_of(id_)
        if dice.random() < 0.05:
            to = own_account
        sender = owner if dice.random() < 0.95 else dice.choice(self.actors)
        expect = None
        if sender != owner:
            expect = "WrongFrom"
        elif not self.entitled(token, who):
            expect = "NotApproved"
        elif to == own_account:
            expect = "OwnershipCycle"
        name = dice.choice(("transferFrom", "safeTransferFrom(address,address,uint256)"))
        facet = self.economy.erc721
        receipt = self.attempt(facet, name, sender, to, id_, sender=who, expect=expect)
        if receipt is None:
            return
        if self.people[owner].main == id_:
            self.people[owner].main = 0
        token.owner, token.approved = to, ZERO
        self.people[to].last = id_

    def approve(self, dice: Random) -> None:
        id_, token = self.pick(dice)
        who = token.owner if dice.random() < 0.9 else dice.choice(self.actors)
        spender = dice.choice([*self.actors, ZERO])
        allowed = who == token.owner or who in self.people[token.owner].operators
        expect = None if allowed else "NotApproved"
        facet = self.economy.erc721
        if self.attempt(facet, "approve", spender, id_, sender=who, expect=expect):
            token.approved = spender

    def operator(self, dice: Random) -> None:
        who, other = dice.choice(self.actors), dice.choice(self.actors)
        allowed = dice.random() < 0.3
        self.attempt(self.economy.erc721, "setApprovalForAll", other, allowed, sender=who)
        operators = self.people[who].operators
        (operators.add if allowed else operators.discard)(other)

    def main(self, dice: Random) -> None:
        who = dice.choice(self.actors)
        if dice.random() < 0.2:
            self.attempt(self.economy.main, "clearMain", sender=who)
            self.people[who].main = 0
            return
        id_, token = self.pick(dice)
        if dice.random() < 0.9:
            who = token.owner
        expect = None if who == token.owner else "NotOwner"
        if self.attempt(self.economy.main, "registerMain", id_, sender=who, expect=expect):
            self.people[who].main = id_

    def metadata(self, dice: Random) -> None:
        id_, token = self.pick(dice)
        who = token.owner if dice.random() < 0.85 else dice.choice(self.actors)
        key, value = dice.choice(KEYS), dice.randbytes(dice.choice((0, 1, 31, 32, 33, 100)))
        expect = None if who == token.owner else "NotOwner"
        facet = self.economy.registry
        if self.attempt(facet, "setMetadata", id_, key, value, sender=who, expect=expect):
            token.metadata[key] = value

    def burn(self, dice: Random) -> None:
        """By the holder, or some by the diamond owner, or now and then all."""
        chance, facet = dice.random(), self.economy.release
        id_, token = self.pick(dice)
        if chance < 0.4:
            who = token.owner if dice.random() < 0.9 else dice.choice(self.actors)
            expect = None if who == token.owner else "NotOwner"
            if expect is None and self.people[who].main == id_:
                expect = "CannotReleaseMain"
                if dice.random() < 0.7:
                    return
            if self.attempt(facet, "releaseName", id_, sender=who, expect=expect):
                self.gone(id_)
        elif chance < 0.5:
            ids = [id_, dice.randint(0, self.issued + 1)]
            boss = self.economy.owner.address
            receipt = self.attempt(facet, "adminBurnNames", ids, sender=boss)
            alive = [i for i in dict.fromkeys(ids) if i in self.tokens]
            assert receipt is not None
            named = [e.args["id"] for e in receipt.events if e.name == "NameReleased"]
            assert named == alive
            for burned in alive:
                self.gone(burned)
        elif chance < 0.52:
            boss = self.economy.owner.address
            receipt = self.attempt(facet, "adminResetAll", sender=boss)
            assert receipt is not None and receipt.value is True
            for burned in list(self.tokens):
                self.gone(burned)

    def gone(self, id_: int) -> None:
        """The model of a burn."""
        token = self.tokens.pop(id_)
        if self.people[token.owner].main == id_:
            self.people[token.owner].main = 0
        self.burned[id_] = token.name

    # -- token-bound accounts ------------------------------------------------------------------

    def account(self, id_: int) -> Bound:
        if id_ not in self.accounts:
            address = self.economy.account_of(id_)
            handle = self.economy.bound("TokenBoundAccount", address)
            self.attempt(self.economy.tba, "createTokenBoundAccount", id_, sender=self.actors[0])
            self.accounts[id_], self.states[id_], self.signers[id_] = handle, 0, set()
        return self.accounts[id_]

    def authorised(self, id_: int) -> set[bytes]:
        token = self.tokens.get(id_)
        if token is None:
            return set()
        return {token.owner} | {s for holder, s in self.signers[id_] if holder == token.owner}

    def account_acts(self, dice: Random) -> None:
        id_ = dice.choice([*sorted(self.tokens), *sorted(set(self.accounts) - set(self.tokens))])
        if id_ not in self.tokens and dice.random() < 0.7:
            return
        handle = self.account(id_)
        allowed = sorted(self.authorised(id_))
        who = dice.choice(allowed) if allowed and dice.random() < 0.85 else dice.choice(self.actors)
        expect = None if who in allowed else "NotAuthorised"  # T-I1
        args = (self.actors[0], 0, b"", 0)
        if self.attempt(handle, "execute", *args, sender=who, expect=expect):
            self.states[id_] += 1

    def enrol(self, dice: Random) -> None:
        id_, token = self.pick(dice)
        handle = self.account(id_)
        who = token.owner if dice.random() < 0.85 else dice.choice(self.actors)
        signer = dice.choice(self.actors)
        name = dice.choice(("addSigner", "addSigner", "removeSigner"))
        expect = None if who == token.owner else "OnlyOwner"
        if self.attempt(handle, name, signer, sender=who, expect=expect):
            self.states[id_] += 1
            enrolled = self.signers[id_]
            (enrolled.add if name == "addSigner" else enrolled.discard)((who, signer))

    # -- invariants ----------------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        e = self.economy
        for id_, token in self.tokens.items():
            assert e.registry.call("nameOfId", id_) == token.name
            assert e.registry.call("idOfName", token.name) == id_
            assert e.registry.call("ownerOfName", token.name) == token.owner  # RG-I1
            assert e.erc721.call("getApproved", id_) == token.approved  # E-I3
            for key in KEYS:
                assert e.registry.call("metadata", id_, key) == token.metadata.get(key, b"")
        for id_ in self.burned:
            assert e.registry.call("ownerOfId", id_) == ZERO  # RL-I1
            assert e.registry.call("nameOfId", id_) == ""
            assert all(e.registry.call("metadata", id_, key) == b"" for key in KEYS)  # RG-I4
        taken = {token.name for token in self.tokens.values()}
        for name in NAMES:
            assert e.registry.call("isTaken", name) == (name in taken)  # RL-I1
        held = 0
        for actor, person in self.people.items():
            mine = sorted(i for i, t in self.tokens.items() if t.owner == actor)
            assert sorted(e.owned.call("tokensOfOwner", actor)) == mine  # E-I2
            assert e.erc721.call("balanceOf", actor) == len(mine)
            held += len(mine)
            main = e.main.call("mainOf", actor)
            assert main == person.main
            assert main == 0 or self.tokens[main].owner == actor  # E-I1
            assert e.registry.call("idOf", actor) == person.last
        assert held == len(self.tokens)  # RG-I2
        assert e.registry.call("nextId") == self.issued + 1
        for id_, handle in self.accounts.items():
            assert handle.call("state") == self.states[id_]  # T-I3
            authorised = {a for a in self.actors if handle.call("isAuthorizedSigner", a)}
            assert authorised == self.authorised(id_)


def test_identities() -> None:
    run(IdentityMachine, examples=16, steps=50)
