"""`--link`: library addresses into the hex text of code that was compiled without them."""

from __future__ import annotations

import os
import re
import sys
from argparse import Namespace

from compiler.linking import parse_libraries, placeholder
from compiler.solc_front.arguments import UsageError
from compiler.solc_front.files import STDIN, stdin_text

_PLACE = re.compile(r"__.{36}__")


def libraries(arguments: Namespace) -> dict[str, bytes]:
    """The addresses of `--libraries`, whose texts may be files. Raises UsageError."""
    texts: list[str] = []
    for text in arguments.libraries:
        if os.path.isfile(text):
            with open(text, encoding="utf-8") as file:
                text = file.read()
        texts.append(text)
    try:
        return parse_libraries(texts)
    except ValueError as problem:
        raise UsageError(str(problem)) from None


def link_files(arguments: Namespace, paths: list[str]) -> None:
    """Link each file in place, standard input to standard output. Raises UsageError."""
    addresses = libraries(arguments)
    for path in paths:
        if path == "-":
            print(linked(stdin_text(), addresses, STDIN))
            continue
        if not os.path.isfile(path):
            raise UsageError(f'"{path}" is not found.')
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write(linked(text, addresses, path))
    print("Linking completed.")


def linked(text: str, addresses: dict[str, bytes], where: str) -> str:
    """The text with the places of known libraries filled in; the rest are told on standard error."""
    known = {placeholder(name): address.hex() for name, address in addresses.items()}
    code, gap, hints = text.partition("\n")

    def fill(match: re.Match[str]) -> str:
        found = known.get(match[0])
        if found is None:
            unresolved = f'Reference "{match[0]}" in file "{where}" still unresolved.'
            print(f"Warning: {unresolved}", file=sys.stderr)
        return found or match[0]

    code = _PLACE.sub(fill, code)
    done = {f"// {place[2:-2]} -> " for place in known}
    left = [line for line in hints.split("\n") if not any(line.startswith(d) for d in done)]
    return (code + gap + "\n".join(left)).rstrip("\n")
