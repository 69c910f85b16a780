"""Kill rates, as they come in and as a table."""

from __future__ import annotations

import json
from pathlib import Path

from tests.mutation.operators import Mutant
from tests.mutation.trial import KILLED, Verdict


class Tally:
    """Counts verdicts; survivors are printed as soon as they are known."""

    def __init__(self, log: Path | None = None) -> None:
        self.log = log
        self.killed: dict[str, int] = {}
        self.counted: dict[str, int] = {}
        self.survivors: list[Mutant] = []

    def add(self, name: str, mutant: Mutant, verdict: Verdict) -> None:
        """One more verdict on a mutant of `name`."""
        if self.log:
            with self.log.open("a") as file:
                file.write(json.dumps(entry(name, mutant, verdict)) + "\n")
        if not verdict.counted:
            return
        self.counted[name] = self.counted.get(name, 0) + 1
        if verdict.state == KILLED:
            self.killed[name] = self.killed.get(name, 0) + 1
        else:
            self.survivors.append(mutant)
            print(f"{verdict.state}: {mutant} ({verdict.tests} tests)", flush=True)

    def table(self) -> str:
        """A row a source, and the sum."""
        rows = [f"| `{n}` | {self.killed.get(n, 0)} | {c} |" for n, c in self.counted.items()]
        killed, counted = sum(self.killed.values()), sum(self.counted.values())
        share = f"{100 * killed / counted:.1f} %" if counted else "-"
        head = ["| source | killed | mutants |", "|---|---|---|"]
        return "\n".join([*head, *rows, f"| all | {killed} ({share}) | {counted} |"])


def entry(name: str, mutant: Mutant, verdict: Verdict) -> dict[str, object]:
    """A line of the log."""
    told = {
        key: getattr(mutant, key) for key in ("place", "function", "operator", "before", "after")
    }
    return {"name": name, **told, **vars(verdict)}
