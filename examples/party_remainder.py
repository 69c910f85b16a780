"""A party of three is paid out, and what rounding leaves goes to the last seat.

Run it from the root of the repository: `.venv/bin/python -m examples.party_remainder`
"""

from __future__ import annotations

import sys

from examples.stage import DAY, Artifacts, Balances, Stage, table

POT = 100  # wei of $LH: few enough to see the last one
SHARES = {"ada": 3_333, "bo": 3_333, "cy": 3_334}  # basis points
PARTY_BUCKET = 6


def play(artifacts: Artifacts | None = None) -> list[tuple[str, Balances]]:
    """Three identities agree on a split, somebody fills the pot, the creator pays it out."""
    stage = Stage(artifacts)
    funder = stage.enter("funder", POT)
    creator, *others = [stage.enter(name) for name in SHARES]
    diamond = stage.diamond
    identities = [m.at(diamond).registry.register(m.name) for m in (creator, *others)]
    party = creator.at(diamond).parties.form_party(identities, list(SHARES.values()), DAY)
    for member in others:
        member.at(diamond).parties.join_party(party)
    funder.at(diamond).parties.fund_party(party, POT)

    def balances() -> Balances:
        accounts = map(diamond.tba.token_bound_account, identities)
        amounts = dict(zip(SHARES, map(stage.balance, accounts), strict=True))
        return {**amounts, "funder": stage.balance(funder), "pot": stage.bucket(PARTY_BUCKET)}

    full = balances()
    creator.at(diamond).parties.complete_party(party)
    return [("pot full", full), ("paid out", balances())]


def main() -> int:
    moments = play()
    print("wei of $LH; shares", ", ".join(f"{n} {s / 100} %" for n, s in SHARES.items()))
    print(table(moments, unit=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
