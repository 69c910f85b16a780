"""What ape imports for the distribution `ape-facetworks`: our compiler owns `.sol`, anvil and vyper are found.

ape lists distributions whose name starts with `ape-` and imports the module of that name, so this file
must stay at the root. It imports nothing heavy: ape loads it for every command, `--help` included.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from ape import plugins

# ape-foundry looks for anvil on PATH and nowhere else, and so does ape-vyper for the installed vyper, which is
# beside this Python whether or not its environment is activated.
_BINARIES = (
    Path(__file__).resolve().parent / "node_modules" / ".bin",
    Path(sys.executable).parent,
)
os.environ["PATH"] = os.pathsep.join(
    part for part in (*map(str, filter(Path.is_dir, _BINARIES)), os.environ.get("PATH")) if part
)


@plugins.register(plugins.Config)
def config_class() -> Any:
    from compiler.ape_plugin import FacetCompilerConfig

    return FacetCompilerConfig


# ape keeps the first compiler it meets for an extension and asks the last registered one first:
# `trylast` makes ours the owner of .sol, whatever else is installed.
@plugins.register(plugins.CompilerPlugin, trylast=True)
def register_compiler() -> Any:
    from compiler.ape_plugin import FacetCompiler

    return (".sol",), FacetCompiler
