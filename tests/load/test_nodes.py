"""A relay and a facilitator killed under load; `python -m tests.load --nodes` does it for a minute."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.load.balancer import balanced
from tests.load.nodes import VICTIMS, nodes, survive
from tests.load.report import document, tables

SECONDS, SEED = 4.5, 11


def test_the_others_go_on_and_nothing_is_paid_twice(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    with nodes(tmp_path) as stage:
        survived = survive(stage, SECONDS, SEED)
        assert set(VICTIMS).isdisjoint(stage.running)
    shown = tables(survived, SEED)
    assert survived.books.balanced and "double payments: 0" in shown, shown
    assert not survived.crowd.changed_answers(), shown
    for victim in VICTIMS:
        assert survived.first_success(victim) is not None, shown
    # Who sent a failed request again, under its key, was answered in the end.
    assert [t.outcome for t in survived.crowd.told if t.planned.key and not t.good] == [], shown
    assert document(survived, SEED)["firstSuccessSeconds"].keys() == set(VICTIMS)


def test_a_balancer_passes_over_who_does_not_listen() -> None:
    with socket.create_server(("127.0.0.1", 0)) as there:
        port = there.getsockname()[1]
        with socket.create_server(("127.0.0.1", 0)) as gone:
            closed = gone.getsockname()[1]
        with balanced(closed, port) as balancer:
            for _ in range(3):
                where = ("127.0.0.1", int(balancer.url.rpartition(":")[2]))
                with socket.create_connection(where, 10) as client:
                    taken, _ = there.accept()
                    client.sendall(b"over")
                    assert taken.recv(4) == b"over"
                    taken.sendall(b"back")
                    taken.close()
                    assert client.recv(9) == b"back" and client.recv(9) == b""
        assert balancer.taken == [0, 3]
