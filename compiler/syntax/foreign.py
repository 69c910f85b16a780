"""Words that people bring from other languages, and misspelt ones: what to write instead.

Only asked when something is wrong already, so none of these words is taken from anybody's names.
"""

from __future__ import annotations

from compiler.diagnostics.suggest import closest

ITEMS = frozenset(("contract", "interface", "library", "abstract", "import", "pragma", "facet"))
MEMBERS = frozenset(
    ("function", "constructor", "mapping", "event", "struct", "enum", "modifier", "using", "error",
     "receive", "fallback")
)  # fmt: skip
STATEMENTS = frozenset(
    ("return", "if", "else", "for", "while", "emit", "revert", "delete", "require", "assert", "unchecked",
     "break", "continue", "assembly")
)  # fmt: skip
IN_FUNCTIONS = "statements stand inside functions"
_WHOLE = {"class": "contract", "trait": "interface", "module": "library", "object": "contract"}
_DEFINING = dict.fromkeys(("func", "fn", "fun", "def", "sub", "proc", "method"), "function")
_STARTING = {
    **dict.fromkeys(("elif", "elseif", "elsif"), "write `else if`"),
    **dict.fromkeys(
        ("let", "const", "auto", "val"), "a variable starts with its type: `uint256 x = …;`"
    ),
    "then": "delete `then`: the statement follows the condition",
    "throw": "write `revert(\"…\")`, or `revert` and an error's name",
    "switch": "there is no `switch`: write `if (…) { … } else if (…) { … }`",
    "match": "there is no `match`: write `if (…) { … } else if (…) { … }`",
    "foreach": "write `for (uint256 i = 0; i < xs.length; i++)`",
    "print": "a contract has nothing to print to: emit an event",
}  # fmt: skip
_BETWEEN = {
    "and": "write `&&`",
    "or": "write `||`",
    "not": "write `!`",
    "in": "write `for (uint256 i = 0; i < xs.length; i++)`",
    "extends": "write `is`",
    "implements": "write `is`",
}
_VALUES = {
    "null": "there is no `null`: compare with `address(0)`, 0 or an empty value",
    "nil": "there is no `nil`: compare with `address(0)`, 0 or an empty value",
    "None": "there is no `None`: compare with `address(0)`, 0 or an empty value",
    "undefined": "there is no `undefined`: every variable starts as 0, false or empty",
    "self": "a contract's own functions and variables are named without it",
    "console": "a contract has nothing to print to: emit an event",
    "print": "a contract has nothing to print to: emit an event",
    "SafeMath": "delete it: arithmetic is checked since Solidity 0.8",
    "True": "did you mean `true`?",
    "False": "did you mean `false`?",
}


def item(word: str) -> str | None:
    """What starts an item of a file where `word` stands."""
    return _WHOLE.get(word) or _DEFINING.get(word) or closest(word, ITEMS | MEMBERS)


def member(word: str) -> str | None:
    """What starts a member of a contract where `word` stands."""
    return _DEFINING.get(word) or closest(word, MEMBERS)


def statement(word: str, next_: str) -> str | None:
    """Advice for a statement that starts with `word`, where what follows (`next_`) makes no sense."""
    if word in ("require", "assert"):
        return f"its arguments stand in parentheses: `{word}(…);`"
    if word == "revert":
        return f"the text stands in parentheses: `revert({next_});`"
    if word in _STARTING:
        return _STARTING[word]
    near = closest(word, STATEMENTS)
    return f"did you mean `{near}`?" if near and near != word else None


def between(word: str) -> str | None:
    """Advice for a word that stands where an operator or a `{` was expected."""
    return _BETWEEN.get(word)


def value(word: str) -> str | None:
    """Advice for a word that stands for a value."""
    return _VALUES.get(word) or _STARTING.get(word)
