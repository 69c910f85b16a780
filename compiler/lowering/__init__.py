"""Typed program to FIR; the evaluation order of everything is decided here."""
