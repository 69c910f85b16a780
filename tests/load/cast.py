"""Who plays: two consumers with a sidecar for each rail, two operators, and the services between them."""

from __future__ import annotations

from tests.crash.theatre import Part, Theatre, sidecar

CONSUMERS = ("alice", "bob")
RAILS = ("exact", "vault")
OPERATORS = ("operator", "operator-2")
SIDECARS = tuple(f"{consumer}-{rail}" for consumer in CONSUMERS for rail in RAILS)

SERVICES = {
    "facilitator": Part("facilitator", "facilitator"),
    "relay": Part("relay"),
    "indexer": Part("indexer"),
}
TRADERS = {
    **{name: Part("operator", name, {"label": name}) for name in OPERATORS},
    **{
        f"{consumer}-{rail}": sidecar(rail, consumer) for consumer in CONSUMERS for rail in RAILS
    },
}  # fmt: skip
CAST = SERVICES | TRADERS


def start(stage: Theatre) -> None:
    """Everything up, in the order in which one needs the other."""
    for role in stage.cast:
        stage.start(role)
        stage.wait_ready(role)
