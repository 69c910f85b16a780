"""Attacks on the agent registries: each is tried, and what stops it is seen to."""

from __future__ import annotations

from tests.contracts.calls import reverts
from tests.contracts.economy import ZERO, Economy
from tests.contracts.identity.agents import NONE, REGISTER, Bureau
from tests.contracts.signing import Key, nonce

WALLET = Key.named("agent wallet")
MOST = 10**38


def test_a_i1_a_generated_name_is_squatted(economy: Economy) -> None:
    """Whoever holds the next generated name would stop every nameless registration."""
    upcoming = economy.registry.call("nextId")
    with reverts("NameReserved"):
        economy.register("frank", f"id-{upcoming}")
    assert economy.agents.send("register()", sender=economy.address("alice")).value == upcoming


def test_a_i2_the_wallet_of_the_seller_stays_behind(bureau: Bureau) -> None:
    """Payments for a sold agent must not go to the seller, however it moved or came back."""
    bureau.set_wallet(WALLET)
    bureau.transfer(bureau.erin)
    assert bureau.wallet() == ZERO
    for stale in (bureau.alice, bureau.bob, bureau.carol):
        with reverts("NotAgentOperator"):
            bureau.set_wallet(WALLET, sender=stale)
    bureau.transfer(bureau.alice)
    assert bureau.wallet() == ZERO


def test_a_i3_a_wallet_is_claimed_without_its_consent(bureau: Bureau) -> None:
    """Pointing an agent at a well-known account borrows its good name."""
    deadline = bureau.economy.now + 60
    famous = bureau.economy.owner.address
    for signer in ("alice", "bob"):
        sig = bureau.economy.keys[signer].sign(bureau.digest(famous, deadline))
        with reverts("BadSignature"):
            bureau.send("setAgentWallet", bureau.agent, famous, deadline, sig)


def test_a_i4_consent_for_one_agent_is_used_for_another(bureau: Bureau) -> None:
    other, deadline = bureau.register(), bureau.economy.now + 60
    consent = bureau.consent(WALLET, deadline)
    with reverts("BadSignature"):
        bureau.send("setAgentWallet", other, WALLET.address, deadline, consent)


def test_a_i5_the_reserved_key_is_written_around(bureau: Bureau) -> None:
    """By metadata, at registration, and by keys that hash or print alike."""
    with reverts("ReservedKey"):
        bureau.send("setMetadata", bureau.agent, "agentWallet", bureau.dave)
    with reverts("ReservedKey"):
        bureau.register("", ("agentWallet", bureau.dave))
    for key in ("AgentWallet", "agentWallet ", "agentWallet\0", ""):
        bureau.send("setMetadata", bureau.agent, key, bureau.dave)
        assert bureau.wallet() == bureau.alice
        assert bureau.identity.call("getMetadata", bureau.agent, "agentWallet") == bureau.alice


def test_a_i6_a_burned_agent_is_spoken_for(bureau: Bureau) -> None:
    """Approvals and operators of the last holder mean nothing once the agent is gone."""
    economy = bureau.economy
    economy.main.send("clearMain", sender=bureau.alice)
    economy.release.send("releaseName", bureau.agent, sender=bureau.alice)
    for who in (bureau.alice, bureau.bob, bureau.carol):
        with reverts("UnknownAgent"):
            bureau.send("setAgentURI", bureau.agent, "ipfs://x", sender=who)
        with reverts("UnknownAgent"):
            bureau.ask(nonce(1), who=who)


def test_a_r1_feedback_to_oneself(bureau: Bureau) -> None:
    """As holder, operator, approved account, and through the agent's own account."""
    economy = bureau.economy
    for who in (bureau.alice, bureau.bob, bureau.carol):
        with reverts("SelfFeedback"):
            bureau.give(100, who=who)
    economy.tba.send("createTokenBoundAccount", bureau.agent, sender=bureau.alice)
    account = economy.bound("TokenBoundAccount", economy.account_of(bureau.agent))
    args = (bureau.agent, 100, 0, "", "", "", "", NONE)
    data = bureau.reputation.data("giveFeedback", *args)
    outcome = economy.evm.call(
        account.address,
        account.data("execute", economy.diamond, 0, data, 0),
        sender=bureau.alice,
    )
    assert not outcome.success
    assert bureau.reputation.interface.error(outcome.output)[0] == "SelfFeedback"
    economy.erc721.send("setApprovalForAll", bureau.bob, False, sender=bureau.alice)
    bureau.give(1, who=bureau.bob)  # no longer an operator: a client like any other


def test_a_r2_a_crowd_of_sock_puppets(bureau: Bureau) -> None:
    """Anybody can be a hundred clients; who names the clients, decides whom to believe."""
    bureau.give(20, who=bureau.erin)
    for n in range(100):
        bureau.give(100, who=Key.named(f"puppet {n}").address)
    assert bureau.summary(bureau.erin) == (1, 20, 0)
    with reverts("NoClients"):
        bureau.reputation.call("getSummary", bureau.agent, [], "", "")
    listed, cursor = bureau.reputation.call("getClientsPage", bureau.agent, 95, 200)
    assert (len(listed), cursor) == (6, 101)


def test_a_r3_a_mean_that_does_not_fit(bureau: Bureau) -> None:
    """Two tiny values set 18 decimals, a huge one would overflow them: decimals give way, not digits."""
    bureau.give(0, 18)
    bureau.give(0, 18)
    bureau.give(MOST, 0)
    count, value, decimals = bureau.summary()
    assert (count, decimals) == (3, 0) and value == MOST // 3
    bureau.give(-MOST, 0, who=bureau.erin)
    assert bureau.summary(bureau.erin, bureau.dave) == (4, 0, 0)
    for _ in range(2):
        bureau.give(1, 18, who=bureau.frank)
    bureau.give(-(10**23), 0, who=bureau.frank)
    exact = (10**41 - 2) // 3  # at 18 decimals
    # 3.3e37 at 15 decimals; at 16 it would be 3.3e38, more than fits.
    assert bureau.summary(bureau.frank) == (3, -(exact // 1_000), 15)


def test_a_r4_a_client_floods_its_reader(bureau: Bureau) -> None:
    """Too much to read is refused, not cut short; the rest stays readable, and pages go on."""
    bureau.give(40, who=bureau.erin)
    for _ in range(999):
        bureau.give(1)
    assert bureau.summary() == (999, 1, 0)  # 999 and one client: 1,000
    with reverts("ReadTooLarge", 1_000):
        bureau.summary(bureau.dave, bureau.frank)
    with reverts("ReadTooLarge", 1_000):
        bureau.reputation.call("readAllFeedback", bureau.agent, [], "", "", False)
    with reverts("ReadTooLarge", 1_000):
        bureau.reputation.call("getSummary", bureau.agent, [bureau.frank] * 1_001, "", "")
    with reverts("ReadTooLarge", 1_000):
        bureau.responses(bureau.dave, 0, bureau.erin, bureau.frank)
    with reverts("ReadTooLarge", 1_000):
        bureau.responses(ZERO, 0, bureau.erin)
    with reverts("ReadTooLarge", 1_000):
        bureau.responses(bureau.dave, 1, *[bureau.erin] * 1_001)
    assert bureau.responses(bureau.dave, 0, bureau.erin) == 0
    assert bureau.summary(bureau.erin) == (1, 40, 0)
    page = bureau.reputation.call("readFeedbackPage", bureau.agent, bureau.dave, 900, 200)
    assert (len(page[0]), page[5]) == (99, 999)


def test_a_r5_sold_between_two_reviews(bureau: Bureau) -> None:
    """A holder who sells may then review: the list of clients shows who, and readers choose."""
    bureau.transfer(bureau.erin)
    bureau.give(0, who=bureau.alice)
    with reverts("SelfFeedback"):
        bureau.give(100, who=bureau.erin)
    assert bureau.reputation.call("getClients", bureau.agent) == (bureau.alice,)


def test_a_v1_a_request_is_asked_before_its_author(bureau: Bureau) -> None:
    """A hash is taken by whoever asks first: an unguessable one cannot be taken by others."""
    thief = bureau.register(who=bureau.frank)
    send = bureau.validation.send
    send("validationRequest", bureau.frank, thief, "", nonce(1), sender=bureau.frank)
    with reverts("RequestExists"):
        bureau.ask(nonce(1))
    bureau.ask(nonce(2))  # the same work with another salt
    assert bureau.validation.call("getAgentValidations", bureau.agent) == (nonce(2),)


def test_a_v2_somebody_elses_answer(bureau: Bureau) -> None:
    bureau.ask(nonce(1))
    for who in (bureau.alice, bureau.bob, bureau.erin, bureau.economy.owner.address):
        with reverts("NotValidator"):
            bureau.answer(nonce(1), 100, who=who)


def test_a_v3_more_requests_than_can_be_summed(bureau: Bureau) -> None:
    """Only an agent's own side adds to its list; past a thousand the sum is refused and pages go on."""
    for n in range(1_000):
        bureau.ask(nonce(n))
    bureau.answer(nonce(0), 90)
    assert bureau.validation.call("getSummary", bureau.agent, [], "") == (1, 90)
    bureau.ask(nonce(1_000))
    with reverts("ReadTooLarge", 1_000):
        bureau.validation.call("getSummary", bureau.agent, [], "")
    page, cursor = bureau.validation.call("getAgentValidationsPage", bureau.agent, 1_000, 10)
    assert (page, cursor) == ((nonce(1_000),), 1_001)


def test_a_registration_is_all_or_nothing(economy: Economy) -> None:
    alice = economy.address("alice")
    with reverts("ReservedKey"):
        economy.agents.send(REGISTER, "", [("a", b"b"), ("agentWallet", b"")], sender=alice)
    assert economy.registry.call("nextId") == 1
    assert economy.main.call("mainOf", alice) == 0
