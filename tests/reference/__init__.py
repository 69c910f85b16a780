"""A second reading of the language: an interpreter of the typed tree, and the board that holds our bytecode against it.

It is written from Solidity's documentation and the ABI specification. Of the compiler it takes the typed tree (syntax and
semantics) and nothing else: no lowering, no FIR, no pass and no back end, so a mistake there cannot be made here as well.
"""
