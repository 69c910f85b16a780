"""The exception tree is as its docstring draws it, and every error has a sane exit code."""

from __future__ import annotations

import re

from harness import errors
from harness.chain import errors as chain_errors


def tree() -> dict[str, type[errors.HarnessError]]:
    return {
        name: value
        for module in (errors, chain_errors)
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, errors.HarnessError)
    }


def test_the_drawing_names_every_error_with_its_code() -> None:
    drawn: dict[str, str | None] = {}
    for line in (errors.__doc__ or "").splitlines():
        if match := re.match(r"^[│├└─ ]*(\w+)\s+\S.*?(?:\s{2,}(\d+))?$", line):
            drawn[match.group(1)] = match.group(2)
    for name, kind in tree().items():
        assert name in drawn, name
        if drawn[name] is not None:
            assert kind.exit_code == int(drawn[name] or 0), name


def test_chain_errors_are_one_family() -> None:
    for name, kind in tree().items():
        if kind.__module__ == chain_errors.__name__:
            assert issubclass(kind, chain_errors.ChainError), name
    assert {kind.exit_code for kind in tree().values()} <= {1, 4, 5, 8, 75, 78}
