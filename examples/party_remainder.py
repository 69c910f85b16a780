"""A party of three is paid out, and what rounding leaves goes to the last seat.

A whole economy is compiled and deployed on a chain inside this process. Run it from the root of the
repository: `.venv/bin/python examples/party_remainder.py`
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from harness.chain.embedded import EmbeddedChain  # noqa: E402
from harness.demo.cast import Member, enter  # noqa: E402
from harness.diamond.artifacts import ContractArtifact  # noqa: E402
from harness.diamond.book import AddressBook  # noqa: E402
from harness.diamond.build import build_contracts  # noqa: E402
from harness.diamond.economy import Economy, Options, deploy  # noqa: E402

POT = 100  # wei of $LH: few enough to see the last one
SHARES = {"ada": 3_333, "bo": 3_333, "cy": 3_334}  # basis points
PARTY_BUCKET = 6
DAY = 86_400


class Balances(NamedTuple):
    """Wei of $LH of everybody who takes part."""

    accounts: dict[str, int]
    funder: int
    escrow: int

    @property
    def total(self) -> int:
        return sum(self.accounts.values()) + self.funder + self.escrow


class Story(NamedTuple):
    """What there was with the pot full, and after the party was completed."""

    before: Balances
    after: Balances


def play(artifacts: Mapping[str, ContractArtifact]) -> Story:
    """Three identities agree on a split, somebody fills the pot, the creator pays it out."""
    chain = EmbeddedChain()
    founder, funder = enter(chain, "founder"), enter(chain, "funder")
    members = [enter(chain, name) for name in SHARES]
    with tempfile.TemporaryDirectory() as folder:
        book = AddressBook.of(chain, Path(folder))
        options = Options(issuers=(founder.address,))
        economy = deploy(chain, founder.outbox, artifacts, book, options)
    identities = [member.at(economy.diamond).registry.register(member.name) for member in members]
    creator, *others = members
    party = creator.at(economy.diamond).parties.form_party(identities, list(SHARES.values()), DAY)
    for member in others:
        member.at(economy.diamond).parties.join_party(party)
    economy.credits.mint(funder.address, POT)
    funder.holding(economy.credits).approve(economy.diamond.address, POT)
    funder.at(economy.diamond).parties.fund_party(party, POT)
    before = read(economy, identities, funder)
    creator.at(economy.diamond).parties.complete_party(party)
    return Story(before, read(economy, identities, funder))


def read(economy: Economy, identities: list[int], funder: Member) -> Balances:
    """From the chain alone."""
    accounts = [economy.diamond.tba.token_bound_account(identity) for identity in identities]
    amounts = [economy.credits.balance_of(account) for account in accounts]
    escrow = economy.diamond.treasury.bucket_of(economy.credits.address, PARTY_BUCKET)
    named = dict(zip(SHARES, amounts, strict=True))
    return Balances(named, economy.credits.balance_of(funder.address), escrow)


def show(story: Story) -> None:
    """A table: who has what, before and after."""
    before, after = story
    print(f"{'wei of $LH':<24}{'share':>8}{'before':>8}{'after':>8}")
    for name, share in SHARES.items():
        label = f"account of {name}"
        print(f"{label:<24}{share:>8}{before.accounts[name]:>8}{after.accounts[name]:>8}")
    print(f"{'funder':<24}{'':>8}{before.funder:>8}{after.funder:>8}")
    print(f"{'party, in escrow':<24}{'':>8}{before.escrow:>8}{after.escrow:>8}")
    print(f"{'sum':<24}{'':>8}{before.total:>8}{after.total:>8}")


def main() -> int:
    """0 when every wei is where it belongs."""
    story = play(build_contracts(ROOT))
    show(story)
    return 0 if story.before.total == story.after.total == POT and not story.after.escrow else 1


if __name__ == "__main__":
    sys.exit(main())
