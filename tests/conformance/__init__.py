"""Boards against test collections that others keep: none of them is copied into this repository."""
