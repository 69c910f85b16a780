"""The grammar page against the parser: every word has its place, and every sentence is taken."""

from __future__ import annotations

import re

import pytest

from compiler.diagnostics.errors import CompileError, Reporter
from compiler.diagnostics.render import render_text
from compiler.source import SourceSet
from compiler.syntax.expressions import ASSIGNMENTS, PRECEDENCE
from compiler.syntax.lexer import tokenize
from compiler.syntax.parser import parse
from compiler.syntax.tokens import CONTEXTUAL, ELEMENTARY, IDENT, KEYWORDS, RESERVED
from tests.compiler.grammar import PAGE, Writer, read_rules, walk

LEXICAL = {
    "NAME": ["a", "b1", "_x", "$", "Token", "from", "global", "at", "facet"],
    "ELEMENTARY": ["uint256", "int8", "bytes32", "bool", "string", "bytes", "uint"],
    "NUMBER": ["0", "7", "1_000", "1.5", "2e3", "0xff"],
    "INTEGER": ["0", "255", "0x10"],
    "STRING": ['"ab"', "'c'", '"00ff"'],
    "HEX_STRING": ['hex"00ff"', "hex''"],
    "UNICODE_STRING": ['unicode"é"'],
    "SHORT_STRING": ['"ab"', "'c'"],
    "PRAGMA_WORD": ["^0.8.20", "checked", ">=0.8.0"],
}
RULES = read_rules()
SENTENCES = 400
# Stated more than once, and the like: what the page says beside the rules.
BESIDE = ("SL0116", "SL0603", "SL0105", "SL0110")


def words() -> set[str]:
    return {n.text for rule in RULES.values() for n in walk(rule) if n.kind == "word"}


def parse_errors(text: str) -> tuple[list[str], str]:
    sources = SourceSet()
    reporter = Reporter(sources)
    try:
        parse(tokenize(sources.add("page.sol", text), reporter), reporter)
    except CompileError as problem:
        return [d.code for d in problem.diagnostics], str(problem)
    return [d.code for d in reporter.diagnostics], render_text(reporter.diagnostics, sources)


def test_every_rule_is_defined_and_used() -> None:
    used = {n.text for rule in RULES.values() for n in walk(rule) if n.kind == "rule"}
    assert used - set(RULES) == set(LEXICAL)
    assert set(RULES) - used == {"file"}
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", PAGE.read_text(encoding="utf-8"), re.M))
    assert explained == set(LEXICAL)


def test_every_keyword_and_sign_of_the_lexer_has_its_place() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert (KEYWORDS - ELEMENTARY) - words() == {"hex", "unicode"}
    assert CONTEXTUAL - words() == set()
    assert set(PRECEDENCE) | set(ASSIGNMENTS) <= words()
    for punctuation in "( ) { } [ ] ; , . : ? => -> := ++ -- ! ~".split():
        assert punctuation in words()
    assert all(f"`{word}`" in text for word in RESERVED - KEYWORDS)


def test_every_quoted_word_is_one_of_the_lexer() -> None:
    for word in words():
        sources = SourceSet()
        reporter = Reporter(sources)
        tokens = tokenize(sources.add("w", word), reporter)
        assert len(tokens) == 2 and not reporter.diagnostics, word
        assert tokens.kinds[0] != IDENT or word in CONTEXTUAL | {"leave"}, word


@pytest.mark.parametrize("depth", [6, 12, 24, 40])
def test_the_parser_takes_what_the_rules_write(depth: int) -> None:
    taken = 0
    for seed in range(SENTENCES // 4):
        text = " ".join(Writer(RULES, seed, LEXICAL).write("file", depth))
        codes, drawn = parse_errors(text)
        if any(code in BESIDE for code in codes) or (codes and " new " in text):
            continue  # behind `new`, brackets belong to the type
        assert not [c for c in codes if c.startswith("SL01")], f"seed {seed}\n{drawn}"
        taken += 1
    assert taken > SENTENCES // 10


@pytest.mark.parametrize(
    "wrong",
    [
        "contract A { function f( external {} }",
        "contract A { uint256 a = ; }",
        "contract A { function f() external { if a {} } }",
        "contract A { mapping(uint256 => ) m; }",
        "contract A is { }",
        "function f() { a b c; }",
        "enum E { a, }",
        "pragma ;",
        "import x;",
    ],
)
def test_what_no_rule_writes_is_refused(wrong: str) -> None:
    assert [c for c in parse_errors(wrong)[0] if c.startswith("SL01")]
