"""Agents, their wallets, what is said about them and who checked their work, beside a Python model."""

from __future__ import annotations

from collections import defaultdict
from random import Random

from hypothesis.stateful import rule

from tests.contracts.economy import ZERO
from tests.contracts.identity.agents import NONE, REGISTER
from tests.contracts.signing import Key, nonce, separator, wallet_digest
from tests.invariants.agent_model import Asked, Said, answers_of, mean_of
from tests.invariants.machine import DICE
from tests.invariants.world import World

AGENT_WALLETS = [Key.named(f"agent wallet {n}") for n in range(3)]
AGENT_TAGS = ("", "", "starred", "uptime", "t" * 40)
AGENT_KEYS = ("model", "terms")
AGENT_URIS = ("", "ipfs://short", "https://a.example/" + "x" * 40)
MOST = 10**38


class AgentRules(World):
    """Four identities with names, and more without; all of them are agents."""

    def __init__(self) -> None:
        super().__init__()
        self.agent_holder: dict[int, bytes] = {}  # those without a name
        self.agent_wallet: dict[int, tuple[bytes, int]] = {}  # as set, at this many transfers
        self.agent_moves: dict[int, int] = defaultdict(int)
        self.agent_approved: dict[int, tuple[bytes, int]] = {}
        self.agent_operators: set[tuple[bytes, bytes]] = set()
        self.agent_uri: dict[int, str] = {}
        self.agent_data: dict[tuple[int, str], bytes] = {}
        self.agent_said: dict[int, list[Said]] = defaultdict(list)
        self.agent_asked: list[Asked] = []

    # -- who and whose ------------------------------------------------------------------------

    def agent_owner(self, agent: int) -> bytes:
        return self.agent_holder.get(agent) or self.holder[agent]

    def agent_transfers(self, agent: int) -> int:
        return self.agent_moves[agent] if agent in self.agent_holder else self.transfers[agent]

    def agent_pick(self, dice: Random) -> int:
        return dice.choice([*sorted(self.holder), *sorted(self.agent_holder)])

    def agent_may(self, who: bytes, agent: int) -> bool:
        owner = self.agent_owner(agent)
        approved = self.agent_approved.get(agent) == (who, self.agent_transfers(agent))
        return who == owner or approved or (owner, who) in self.agent_operators

    def agent_actor(self, dice: Random, agent: int) -> tuple[bytes, str | None]:
        """Mostly somebody who may act for the agent, and what happens otherwise."""
        allowed = [who for who in self.actors if self.agent_may(who, agent)]
        who = dice.choice(allowed) if dice.random() < 0.9 else dice.choice(self.actors)
        return who, None if self.agent_may(who, agent) else "NotAgentOperator"

    # -- identity -----------------------------------------------------------------------------

    @rule(dice=DICE)
    def agent_identity_step(self, dice: Random) -> None:
        actions = (self.agent_register, self.agent_approve, self.agent_move, self.agent_set_wallet,
                   self.agent_set_wallet, self.agent_write, self.agent_set_uri)  # fmt: skip
        dice.choice(actions)(dice)

    def agent_register(self, dice: Random) -> None:
        if len(self.agent_holder) >= 4:
            return
        who, uri = dice.choice(self.actors), dice.choice(AGENT_URIS)
        facet, entries = self.economy.agents, [("model", b"new")]
        if dice.random() < 0.1:
            entries.append(("agentWallet", who))
        if uri and dice.random() < 0.4:
            receipt = self.attempt(self.economy.registry, "register", uri, sender=who)
            entries = []
        else:
            expect = "ReservedKey" if len(entries) > 1 else None
            receipt = self.attempt(facet, REGISTER, uri, entries, sender=who, expect=expect)
        if receipt is None:
            return
        agent = receipt.value
        self.agent_holder[agent], self.agent_uri[agent] = who, uri
        for key, value in entries:
            self.agent_data[agent, key] = value

    def agent_approve(self, dice: Random) -> None:
        agent, spender = self.agent_pick(dice), dice.choice(self.actors)
        owner = self.agent_owner(agent)
        if dice.random() < 0.5:
            self.attempt(self.economy.erc721, "approve", spender, agent, sender=owner)
            self.agent_approved[agent] = (spender, self.agent_transfers(agent))
            return
        allowed = dice.random() < 0.4
        self.attempt(self.economy.erc721, "setApprovalForAll", spender, allowed, sender=owner)
        change = self.agent_operators.add if allowed else self.agent_operators.discard
        change((owner, spender))

    def agent_move(self, dice: Random) -> None:
        agent, to = self.agent_pick(dice), dice.choice(self.actors)
        owner = self.agent_owner(agent)
        self.attempt(self.economy.erc721, "transferFrom", owner, to, agent, sender=owner)
        if agent in self.agent_holder:
            self.agent_holder[agent] = to
            self.agent_moves[agent] += 1
        else:
            self.hand_over(agent, to)

    def agent_set_wallet(self, dice: Random) -> None:
        agent = self.agent_pick(dice)
        who, expect = self.agent_actor(dice, agent)
        facet, owner = self.economy.agents, self.agent_owner(agent)
        if dice.random() < 0.25:
            if self.attempt(facet, "unsetAgentWallet", agent, sender=who, expect=expect):
                self.agent_wallet[agent] = (ZERO, self.agent_transfers(agent))
            return
        wallet, late = dice.choice(AGENT_WALLETS), dice.choice((0, 60, 300, 300, -1, 301))
        signer = wallet if dice.random() < 0.9 else self.economy.keys["alice"]
        deadline = self.now + late
        if expect is None and not 0 <= late <= 300:
            expect = "AuthExpired" if late < 0 else "DeadlineTooFar"
        if expect is None and signer is not wallet:
            expect = "BadSignature"
        evm, diamond = self.economy.evm, self.economy.diamond
        domain = separator("ERC8004IdentityRegistry", "1", evm.chain_id, diamond)
        consent = signer.sign(wallet_digest(domain, agent, wallet.address, owner, deadline))
        args = (agent, wallet.address, deadline, consent)
        if self.attempt(facet, "setAgentWallet", *args, sender=who, expect=expect):
            self.agent_wallet[agent] = (wallet.address, self.agent_transfers(agent))

    def agent_write(self, dice: Random) -> None:
        agent, key = self.agent_pick(dice), dice.choice(AGENT_KEYS)
        who, expect = self.agent_actor(dice, agent)
        value = dice.randbytes(dice.choice((0, 5, 32, 70)))
        if expect is None and dice.random() < 0.05:
            key, expect = "agentWallet", "ReservedKey"
        args = (agent, key, value)
        facet = self.economy.agents
        if self.attempt(facet, "setMetadata", *args, sender=who, expect=expect):
            self.agent_data[agent, key] = value

    def agent_set_uri(self, dice: Random) -> None:
        agent, uri = self.agent_pick(dice), dice.choice(AGENT_URIS)
        who, expect = self.agent_actor(dice, agent)
        facet = self.economy.agents
        if self.attempt(facet, "setAgentURI", agent, uri, sender=who, expect=expect):
            self.agent_uri[agent] = uri

    # -- reputation ---------------------------------------------------------------------------

    @rule(dice=DICE)
    def agent_feedback_step(self, dice: Random) -> None:
        agent, chance = self.agent_pick(dice), dice.random()
        if self.agent_said and dice.random() < 0.7:
            agent = dice.choice(sorted(self.agent_said))
        if chance < 0.6:
            self.agent_review(dice, agent)
        elif chance < 0.75:
            self.agent_take_back(dice, agent)
        else:
            self.agent_respond(dice, agent)

    def agent_review(self, dice: Random, agent: int) -> None:
        outside = [who for who in self.actors if not self.agent_may(who, agent)]
        who = dice.choice(outside) if outside and dice.random() < 0.93 else dice.choice(self.actors)
        value = dice.choice((87, -3, 0, 9_977, dice.randint(-MOST, MOST), MOST, -MOST))
        decimals = dice.choice((0, 0, 2, 2, 18, dice.randint(0, 18)))
        tags = (dice.choice(AGENT_TAGS), dice.choice(AGENT_TAGS))
        expect = "SelfFeedback" if self.agent_may(who, agent) else None
        if dice.random() < 0.04:
            value, expect = MOST + 1, "ValueOutOfRange"
        if dice.random() < 0.04:
            decimals, expect = 19, "BadDecimals"
        args = (agent, value, decimals, *tags, "https://x", "ipfs://y", NONE)
        facet = self.economy.agent_reputation
        receipt = self.attempt(facet, "giveFeedback", *args, sender=who, expect=expect)
        if receipt is None:
            return
        index = 1 + sum(said.client == who for said in self.agent_said[agent])
        assert receipt.only("NewFeedback")["feedbackIndex"] == index
        self.agent_said[agent].append(Said(who, index, value, decimals, tags))

    def agent_take_back(self, dice: Random, agent: int) -> None:
        if not self.agent_said[agent]:
            return
        said = dice.choice(self.agent_said[agent])
        if said.revoked and dice.random() < 0.8:
            return
        expect = "AlreadyRevoked" if said.revoked else None
        facet, args = self.economy.agent_reputation, (agent, said.index)
        if self.attempt(facet, "revokeFeedback", *args, sender=said.client, expect=expect):
            said.revoked = True

    def agent_respond(self, dice: Random, agent: int) -> None:
        if not self.agent_said[agent]:
            return
        said, who = dice.choice(self.agent_said[agent]), dice.choice(self.actors)
        index, expect = said.index, None
        if dice.random() < 0.05:
            index, expect = 99, "UnknownFeedback"
        args = (agent, said.client, index, "ipfs://answer", NONE)
        facet = self.economy.agent_reputation
        if self.attempt(facet, "appendResponse", *args, sender=who, expect=expect):
            said.responses.append(who)

    # -- validation ---------------------------------------------------------------------------

    @rule(dice=DICE)
    def agent_validation_step(self, dice: Random) -> None:
        self.time_passes(dice)
        if not self.agent_asked or dice.random() < 0.5:
            self.agent_ask(dice)
        else:
            self.agent_answer(dice)

    def agent_ask(self, dice: Random) -> None:
        agent, validator = self.agent_pick(dice), dice.choice(self.actors)
        who, expect = self.agent_actor(dice, agent)
        request = nonce(1_000 + len(self.agent_asked))
        if self.agent_asked and dice.random() < 0.05:
            request, expect = dice.choice(self.agent_asked).request, "RequestExists"
        args = (validator, agent, "ipfs://request", request)
        facet = self.economy.agent_validation
        if self.attempt(facet, "validationRequest", *args, sender=who, expect=expect):
            self.agent_asked.append(Asked(request, validator, agent, self.now))

    def agent_answer(self, dice: Random) -> None:
        asked = dice.choice(self.agent_asked)
        who = asked.validator if dice.random() < 0.92 else dice.choice(self.actors)
        response, tag = dice.choice((0, 50, 100, dice.randint(0, 100))), dice.choice(AGENT_TAGS)
        digest, expect = dice.choice((NONE, nonce(7))), None
        if who != asked.validator:
            expect = "NotValidator"
        elif dice.random() < 0.05:
            response, expect = 101, "BadResponse"
        args = (asked.request, response, "ipfs://answer", digest, tag)
        facet = self.economy.agent_validation
        if self.attempt(facet, "validationResponse", *args, sender=who, expect=expect):
            asked.response, asked.tag, asked.digest = response, tag, digest
            asked.when = self.now

    # -- invariants ---------------------------------------------------------------------------

    def check(self) -> None:
        super().check()
        for agent in (*self.holder, *self.agent_holder):
            self.agent_check_identity(agent)
            self.agent_check_feedback(agent, self.agent_said.get(agent, []))
            self.agent_check_answers(agent)
        listed = self.economy.agent_validation.call
        for actor in self.actors:  # AV-I1
            mine = tuple(a.request for a in self.agent_asked if a.validator == actor)
            assert listed("getValidatorRequests", actor) == mine

    def agent_check_identity(self, agent: int) -> None:
        e, owner, moves = self.economy, self.agent_owner(agent), self.agent_transfers(agent)
        assert e.erc721.call("ownerOf", agent) == owner
        wallet, set_at = self.agent_wallet.get(agent, (owner if moves == 0 else ZERO, moves))
        wallet = wallet if set_at == moves else ZERO
        assert e.agents.call("getAgentWallet", agent) == wallet  # AG-I1
        value = wallet if wallet != ZERO else b""
        assert e.agents.call("getMetadata", agent, "agentWallet") == value
        for key in AGENT_KEYS:  # AG-I3
            expected = self.agent_data.get((agent, key), b"")
            assert e.agents.call("getMetadata", agent, key) == expected
        name = e.registry.call("nameOfId", agent)
        assert (name == f"id-{agent}") is (agent in self.agent_holder)  # AG-I2
        assert e.registry.call("idOfName", name) == agent
        uri = self.agent_uri.get(agent, "")
        if not uri and agent in self.holder:
            uri = f"https://{name}.localharness.xyz/"
        assert e.erc721.call("tokenURI", agent) == uri
        for actor in self.actors[:2]:
            may = e.agents.call("isAuthorizedOrOwner", actor, agent)
            assert may is self.agent_may(actor, agent)

    def agent_check_feedback(self, agent: int, said: list[Said]) -> None:
        read = self.economy.agent_reputation.call
        clients = list(dict.fromkeys(entry.client for entry in said))
        assert list(read("getClients", agent)) == clients  # AF-I1
        ordered = sorted(said, key=lambda entry: (clients.index(entry.client), entry.index))
        rows = zip(*read("readAllFeedback", agent, [], "", "", True), strict=True)
        assert list(rows) == [entry.row for entry in ordered]
        for client in clients:
            own = [entry for entry in said if entry.client == client]
            assert read("getLastIndex", agent, client) == len(own)  # AF-I1
            total = sum(len(entry.responses) for entry in own)
            assert read("getResponseCount", agent, client, 0, []) == total  # AF-I4
        self.agent_check_responses(agent, said)
        if not said:
            return
        for tags in (("", ""), ("starred", ""), ("", "t" * 40)):
            for chosen in (clients, self.actors[2:4]):
                live = [
                    entry
                    for entry in said
                    if entry.client in chosen and entry.has(tags) and not entry.revoked  # AF-I3
                ]
                summary = read("getSummary", agent, list(chosen), *tags)
                assert summary == mean_of(live)  # AF-I2

    def agent_check_responses(self, agent: int, said: list[Said]) -> None:
        read = self.economy.agent_reputation.call
        everybody = list(self.actors)
        total = sum(len(entry.responses) for entry in said)
        for responders in ([], everybody):  # AF-I4
            assert read("getResponseCount", agent, ZERO, 0, responders) == total
        for entry in said[:2]:
            place = (agent, entry.client, entry.index)
            assert read("getResponseCount", *place, []) == len(entry.responses)
            one = everybody[:1]
            assert read("getResponseCount", *place, one) == entry.responses.count(one[0])

    def agent_check_answers(self, agent: int) -> None:
        read = self.economy.agent_validation.call
        asked = [entry for entry in self.agent_asked if entry.agent == agent]
        assert read("getAgentValidations", agent) == tuple(a.request for a in asked)  # AV-I1
        for entry in asked:
            status = (
                entry.validator,
                agent,
                entry.response or 0,
                entry.digest,
                entry.tag,
                entry.when,
            )
            assert read("getValidationStatus", entry.request) == status
        for validators in ([], self.actors[:3]) if asked else ():  # AV-I2
            for tag in ("", "starred"):
                summary = read("getSummary", agent, validators, tag)
                assert summary == answers_of(asked, validators, tag)
                assert summary[1] <= 100
