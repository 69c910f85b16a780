"""Mistakes in the compiler itself: does a test notice each of them?"""
