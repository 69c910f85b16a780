"""Kill after kill: a service dies at a named point or anywhere, comes back, and its clients ask again."""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.crash.oracle import Findings, books, budgets
from tests.crash.points import points
from tests.crash.theatre import PAYERS, Theatre

ORDER = ("facilitator", "relay", "indexer", "operator", *PAYERS)
CLIENTS = 2  # a rail
PATIENCE = 60.0  # seconds for one request, restarts included
POINT_SECONDS = 8.0
NAMED_SECONDS = 50.0  # a receipt that was not taken is pushed again after twenty
EXPIRY_SECONDS = 330  # authorisations live for 300
DEFINITE = (400, 402, 409)


@dataclass
class Campaign:
    """One theatre; `log` gets a line for what matters."""

    stage: Theatre
    seed: int
    random: random.Random = field(init=False)
    covered: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    answered: dict[str, dict[str, int]] = field(
        default_factory=lambda: {rail: {} for rail in PAYERS}
    )
    violations: list[str] = field(default_factory=list)
    trials: int = 0
    asked: int = 0
    _quiet: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.all_points = points()

    def open(self) -> None:
        """Everything up and one request through on each rail."""
        for role in ORDER:
            self.stage.start(role)
            self.stage.wait_ready(role)
        for rail in PAYERS:
            outcome = self.ask(rail)
            assert outcome == "200", f"{rail}: {outcome}\n{self.stage.log(rail)}"

    # -- one kill ------------------------------------------------------------------------------

    def trial(self, role: str = "", point: str = "") -> None:
        """Arm or kill one service under load, restart it, and let every client come to an end.

        Without a role one is drawn, with a point or without. A named point is met the first time, by
        clients that stream and clients that do not.
        """
        self.trials += 1
        nth, named = 1, bool(role)
        if not named:
            role, point = self._choose()
            nth = self.random.choice((1, 1, 2, 3))
        armed = bool(point)
        if armed:
            # What a process does at its start has points as well, so it starts with the trap set.
            self.stage.kill(role)
            self.stage.start(role, f"{point}:{nth}")
        clients = [
            threading.Thread(target=self.ask, args=(rail, self._streams(named, number)))
            for rail in PAYERS
            for number in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        if armed:
            self._await_death(role, point, clients, NAMED_SECONDS if named else POINT_SECONDS)
        else:
            time.sleep(self.random.random() * 0.4)
        if role in self.stage.running:
            self.stage.kill(role)
        self.stage.start(role)
        self.stage.wait_ready(role)
        self.stage.wait_ready("operator")
        for client in clients:
            client.join(PATIENCE * 2)
            if client.is_alive():
                self.violations.append(f"trial {self.trials} ({role} {point}): a client hangs")
        self.violations += budgets(self.stage).violations

    def _streams(self, named: bool, number: int) -> bool:
        return bool(number % 2) if named else self.random.random() < 0.4

    def _choose(self) -> tuple[str, str]:
        """A point that was reached least, or, one time in three, any moment of any service."""
        if self.random.random() < 1 / 3:
            return self.random.choice(ORDER), ""
        tries = [
            (self.covered[f"{role} {point}"], self.random.random(), role, point)
            for role, point in self.all_points
        ]
        pool = sorted(tries)[: max(8, len(tries) // 3)]
        _, _, role, point = self.random.choice(pool)
        return role, point

    def _await_death(
        self, role: str, point: str, clients: list[threading.Thread], seconds: float
    ) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not self.stage.alive(role):
                if self.stage.bury(role) == 137:
                    self.covered[f"{role} {point}"] += 1
                return
            if (
                not any(client.is_alive() for client in clients)
                and time.monotonic() > deadline - seconds / 2
            ):
                return
            time.sleep(0.01)

    # -- clients -------------------------------------------------------------------------------

    def ask(self, rail: str, stream: bool = False) -> str:
        """One request with one idempotency key, asked until the answer is definite."""
        self.asked += 1
        key = f"{rail}-{self.seed}-{self.asked}-{random.getrandbits(32):08x}"
        body: dict[str, Any] = {
            "model": "mock-echo",
            "messages": [{"role": "user", "content": f"echo {key}"}],
            "max_tokens": 40,
            "stream": stream,
        }
        deadline = time.monotonic() + PATIENCE
        outcome = "gave up"
        while time.monotonic() < deadline:
            with contextlib.suppress(httpx.HTTPError):
                response = httpx.post(
                    f"{self.stage.url(rail)}/v1/chat/completions",
                    json=body,
                    headers={"Idempotency-Key": key},
                    timeout=20,
                )
                outcome = str(response.status_code)
                if response.status_code == 200 and (not stream or "[DONE]" in response.text):
                    self.answered[rail][key] = self.answered[rail].get(key, 0) + 1
                    break
                if response.status_code in DEFINITE:
                    code = response.json().get("error", {}).get("code")
                    outcome = f"{response.status_code} {code}"
                    if code not in ("payment_unknown", "in_progress"):
                        break
            time.sleep(0.1)
        self.outcomes[f"{rail} {'stream ' if stream else ''}{outcome}"] += 1
        return outcome

    # -- the end -------------------------------------------------------------------------------

    def balance(self, wait: bool = True) -> Findings:
        """Let everything expire that has to, and compare all books."""
        deadline = time.monotonic() + (EXPIRY_SECONDS if wait else 15)
        found = books(self.stage, self.answered)
        while found.violations and time.monotonic() < deadline:
            time.sleep(1)
            found = books(self.stage, self.answered)
        found.violations += self.violations
        return found

    def summary(self) -> str:
        reached = sum(1 for role, point in self.all_points if self.covered[f"{role} {point}"])
        outcomes = ", ".join(f"{name}: {count}" for name, count in sorted(self.outcomes.items()))
        return (
            f"{self.stage.kills} kills in {self.trials} trials, {reached} of {len(self.all_points)} points, "
            f"{self.asked} requests ({outcomes}), {len(self.violations)} violations"
        )
