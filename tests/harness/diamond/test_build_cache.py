"""Builds kept for the next process."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.diamond.build import build_sources
from harness.errors import ConfigError

SOURCES = {"contracts/One.sol": "pragma solidity ^0.8.20; contract One { uint256 public x = 1; }"}


def test_the_second_build_is_the_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACETWORKS_BUILD_CACHE", str(tmp_path / "builds"))
    made = build_sources(SOURCES, "facetworks")
    assert len(list((tmp_path / "builds").iterdir())) == 1
    monkeypatch.setattr("compiler.pipeline.compile_units", None)  # whoever compiled would fail
    assert build_sources(SOURCES, "facetworks") == made


def test_a_changed_source_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACETWORKS_BUILD_CACHE", str(tmp_path))
    before = build_sources(SOURCES, "facetworks")
    changed = {path: text.replace("= 1", "= 2") for path, text in SOURCES.items()}
    assert build_sources(changed, "facetworks")["One"].bytecode != before["One"].bytecode


def test_a_folder_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("FACETWORKS_BUILD_CACHE", str(tmp_path / "file" / "builds"))
    with pytest.raises(ConfigError, match="FACETWORKS_BUILD_CACHE"):
        build_sources(SOURCES, "facetworks")
