"""Lists of holdings and their pages."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.economy import Economy, shared

END = 2**256 - 1


def pages(economy: Economy, owner: bytes, limit: int) -> list[list[int]]:
    cursor, out = 0, []
    while cursor != END:
        ids, cursor = economy.owned.call("tokensOfOwnerPage", owner, cursor, limit)
        out.append(list(ids))
    return out


def test_nothing_held(economy: Economy) -> None:
    alice = economy.address("alice")
    assert economy.owned.call("tokensOfOwner", alice) == ()
    assert economy.owned.call("ownedCount", alice) == 0
    assert economy.owned.call("tokensOfOwnerPage", alice, 0, 10) == ((), END)


def test_pages_cover_everything_once_inv_page(economy: Economy) -> None:
    alice = economy.address("alice")
    ids = [economy.register("alice", f"name-{n}") for n in range(23)]
    assert economy.owned.call("ownedCount", alice) == 23
    assert economy.owned.call("tokensOfOwner", alice) == tuple(ids)
    for limit in (1, 7, 23, 24, 1_000):
        chunks = pages(economy, alice, limit)
        assert sorted(id_ for chunk in chunks for id_ in chunk) == ids
        assert all(len(chunk) <= limit for chunk in chunks)
    assert economy.owned.call("tokensOfOwnerPage", alice, END, 5) == ((), END)
    assert economy.owned.call("tokensOfOwnerPage", alice, 0, 0) == ((), END)


def test_whoever_was_moved_up_can_leave_in_turn_e_i2(economy: Economy) -> None:
    """The last of a list takes the place that becomes free, and has to be found there."""
    alice, bob = economy.address("alice"), economy.address("bob")
    first, second, third = (economy.register("alice", f"name-{n}") for n in range(3))
    for gone, left in ((first, [third, second]), (third, [second]), (second, [])):
        economy.erc721.send("transferFrom", alice, bob, gone, sender=alice)
        assert list(economy.owned.call("tokensOfOwner", alice)) == left
    assert economy.owned.call("tokensOfOwner", bob) == (first, third, second)


def test_a_page_is_at_most_200(economy: Economy) -> None:
    for n in range(205):
        economy.register("alice", f"n{n}")
    ids, cursor = economy.owned.call("tokensOfOwnerPage", economy.address("alice"), 0, 10_000)
    assert (len(ids), cursor) == (200, 5)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_stays_is_seen_while_others_come_and_go_inv_page(data: st.DataObject) -> None:
    economy = shared()
    alice, bob = economy.address("alice"), economy.address("bob")
    held = {economy.register("alice", f"n{n}") for n in range(data.draw(st.integers(1, 14)))}
    stayed, seen, cursor = set(held), set(), 0
    while cursor != END:
        ids, cursor = economy.owned.call("tokensOfOwnerPage", alice, cursor, 3)
        seen.update(ids)
        for _ in range(data.draw(st.integers(0, 2))):
            if held and data.draw(st.booleans()):
                gone = data.draw(st.sampled_from(sorted(held)))
                economy.erc721.send("transferFrom", alice, bob, gone, sender=alice)
                held.discard(gone)
                stayed.discard(gone)
            else:
                held.add(economy.register("alice", f"more{economy.registry.call('nextId')}"))
    assert stayed <= seen
