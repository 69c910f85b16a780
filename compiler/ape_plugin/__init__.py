"""The ape compiler plugin; `ape_facetworks.py` at the repository root registers it."""

from __future__ import annotations

from compiler.ape_plugin.plugin import FacetCompiler, FacetCompilerConfig

__all__ = ["FacetCompiler", "FacetCompilerConfig"]
