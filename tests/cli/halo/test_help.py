"""Help: of every command, quick, with an example and every flag in the manual; mistakes get a hint."""

from __future__ import annotations

import re
import resource
from collections.abc import Callable, Iterator

import click
import pytest

from harness.cli.halo.main import command
from tests.harness.contracts import ROOT

from .conftest import Said, process

HELP_CPU_SECONDS = 0.3
MANUAL = (ROOT / "docs/halo/commands.md").read_text("utf-8")


def paths(
    group: click.Group, prefix: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    yield prefix, group
    for name in group.list_commands(click.Context(group)):
        found = group.get_command(click.Context(group), name)
        assert found is not None
        if isinstance(found, click.Group):
            yield from paths(found, (*prefix, name))
        else:
            yield (*prefix, name), found


COMMANDS = dict(paths(command))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_is_there_and_quick(words: tuple[str, ...]) -> None:
    def spent() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime

    before = spent()
    said = process(*words, "--help")
    assert said.code == 0 and "Usage: halo" in said.out
    assert spent() - before < HELP_CPU_SECONDS
    assert "Exit codes" in said.out


@pytest.mark.parametrize(
    "words", [w for w, c in COMMANDS.items() if not isinstance(c, click.Group)], ids=" ".join
)
def test_every_command_and_flag_is_in_the_manual_with_help_and_example(
    words: tuple[str, ...],
) -> None:
    found = COMMANDS[words]
    heading = f"## halo {' '.join(words)}\n"
    assert heading in MANUAL
    section = MANUAL.split(heading)[1].split("\n## ")[0]
    for param in found.params:
        if isinstance(param, click.Option):
            assert param.help, f"{param.name} has no help"
            assert param.opts[0] in section, (
                f"{heading.strip()}: {param.opts[0]} is not in the manual"
            )
    for flag in re.findall(r"`(--[a-z0-9-]+)", section):
        known = {o for p in found.params for o in (*p.opts, *p.secondary_opts)}
        assert flag in known, f"{heading.strip()}: {flag} does not exist"
    assert found.help and "Example" in found.help


def test_mistakes_are_answered_with_what_was_meant(halo: Callable[..., Said]) -> None:
    assert "Did you mean 'doctor'?" in halo("docter").err
    assert "--margin" in halo("setup", "--margn", "3").err
    assert halo("docter").code == halo("setup", "--margn", "3").code == 2
    assert "did you mean 'openai'?" in halo("setup", "--provider", "opnai").err
    assert halo("setup", "--provider", "opnai").code == 2


def test_version(halo: Callable[..., Said]) -> None:
    said = halo("--version")
    assert said.code == 0 and re.fullmatch(r"halo \d+\.\d+\.\d+\n", said.out)


@pytest.mark.parametrize("amount", ["-1", "1e3", "0.0000001", " 1", "abc", "1,5"])
def test_amounts_are_plain_decimals(halo: Callable[..., Said], amount: str) -> None:
    assert halo("consume", f"--max-usdc={amount}", "--print-config").code == 2


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("status", "--json"), 78, "nothing is set up"),
        (("pay", "--json"), 78, "nothing is set up"),
        (("vault", "status", "--json"), 78, "nothing is set up"),
        (("receipts", "list", "--json", "--since", "soon"), 2, "not a duration"),
    ],
)
def test_a_program_that_asked_for_json_gets_failures_as_json(
    words: tuple[str, ...], code: int, said: str, halo: Callable[..., Said]
) -> None:
    failed = halo(*words)
    assert failed.code == failed.json["error"]["exitCode"] == code
    assert said in failed.json["error"]["message"] and said in failed.err
    assert halo(*(w for w in words if w != "--json")).out == ""


def test_a_share_is_asked_for_in_words(halo: Callable[..., Said]) -> None:
    for text in ("abc", "2", "nan"):
        assert (
            f"not a number from 0 to 1: '{text}'" in halo("consume", "--budget-warn-pct", text).err
        )
