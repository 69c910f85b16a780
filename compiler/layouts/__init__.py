"""Storage layouts as documents: what a build keeps where, and what an upgrade would move.

`python -m compiler layout` writes a document, `python -m compiler diff-layout` compares two.
"""
