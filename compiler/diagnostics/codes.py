"""The table of diagnostics: code -> severity and title. Codes are never renumbered or reused.

SL00 lexer, 01 parser, 02 names, 03 types, 04 calls, 05 contracts, 06 control flow, 07 ABI,
08 assembly, 20 not supported yet, 21 never supported, 40 limits, 60 warnings.
"""

from __future__ import annotations

from typing import NamedTuple


class Code(NamedTuple):
    severity: str
    title: str


_ERRORS = """
SL0001 unexpected character
SL0002 text outside ASCII in a plain string
SL0003 unknown escape in a string
SL0004 string is not closed
SL0005 comment is not closed
SL0006 malformed number
SL0007 misplaced underscore in a number
SL0008 number with a leading zero
SL0009 bidirectional control character
SL0010 malformed hex string

SL0101 a token is missing
SL0102 a name is missing
SL0103 a reserved word is used as a name
SL0104 a type is missing
SL0105 wrong visibility of a function type
SL0106 trailing comma
SL0107 unary plus
SL0108 an expression is missing
SL0109 a block or contract is not closed
SL0110 a semicolon is missing
SL0111 try without catch
SL0112 unexpected text at file level
SL0113 empty import path
SL0114 unexpected text in a contract
SL0115 not a definable operator
SL0116 visibility or mutability is missing, repeated or not allowed here
SL0117 a facet without a name
SL0118 a named result of a function type
SL0120 syntax of an older Solidity
SL0122 unknown pragma
SL0123 wrong licence identifier

SL0201 unknown name
SL0202 a name is declared twice
SL0203 the imported file does not declare this name
SL0204 an import brings in a name that is taken
SL0207 unknown member
SL0208 documentation of something else
SL0212 source file not found
SL0220 a reserved name

SL0301 no implicit conversion
SL0302 a value is needed
SL0303 no explicit conversion
SL0304 an operator does not apply to these types
SL0305 wrong number of values
SL0306 malformed array literal
SL0307 a literal has no value or fits no type
SL0308 not indexable or sliceable
SL0309 malformed address literal
SL0310 not assignable
SL0311 an immutable is assigned in the wrong place
SL0312 missing or wrong data location
SL0313 not a mapping key
SL0314 not a type
SL0315 wrong underlying type
SL0316 wrong array length
SL0317 a hexadecimal number with a unit
SL0318 constant index out of range
SL0319 not a constant whole number
SL0320 not a constant expression
SL0321 a contract's code is not available here
SL0322 a struct with a mapping outside storage
SL0323 new of something that is not created
SL0330 type too large

SL0401 not callable
SL0402 ambiguous call
SL0403 no overload takes these arguments
SL0404 wrong arguments
SL0405 this function cannot be called from here
SL0406 wrong call option
SL0407 emit or revert without an event or error
SL0410 state change in a view or pure function
SL0411 state read in a pure function
SL0412 msg.value in a function that is not payable

SL0501 variable at file level
SL0502 bases have no consistent order
SL0503 not inheritable
SL0504 inheritance cycle
SL0506 empty or too large struct or enum
SL0507 state variable where there is no storage
SL0508 constant without a value
SL0509 immutable of a reference type
SL0510 too many indexed parameters
SL0511 wrong shape of receive or fallback
SL0512 a body is missing or not allowed
SL0513 a contract that is not complete
SL0514 struct contains itself
SL0515 not a modifier or base constructor
SL0516 not a library
SL0517 wrong storage base
SL0518 a second special function
SL0519 wrong transient variable
SL0520 override of nothing
SL0521 override of a function that is not virtual
SL0522 override with a different header
SL0523 missing or wrong override
SL0524 two bases define the same function
SL0525 malformed using
SL0526 wrong definition of an operator
SL0530 a specifier that does not apply here
SL0531 malformed modifier
SL0532 a getter that cannot be made

SL0601 a declaration alone is a body
SL0602 unassigned pointer
SL0603 misplaced unchecked
SL0604 break, continue outside a loop
SL0605 wrong return
SL0606 try without a call that can be caught
SL0607 malformed catch clause

SL0701 two functions with one selector
SL0705 not ABI-encodable
SL0706 no packed encoding
SL0710 reserved or clashing error

SL0801 malformed assembly statement
SL0802 malformed assembly switch
SL0803 malformed assembly literal
SL0804 unknown assembly dialect or flag
SL0805 an opcode is used as a name
SL0806 this name cannot be used in assembly here
SL0807 wrong number of values in assembly
SL0808 unknown assembly function
SL0809 opcode of a later EVM
SL0810 size of memory in optimized code

SL2002 fixed-point types
SL2005 constants of reference types
SL2006 transient variables of reference types
SL2010 strings and bytes in the lite dialect
SL2011 arrays in the lite dialect
SL2012 loops in the lite dialect
SL2013 inheritance in the lite dialect
SL2014 import in the lite dialect
SL2015 constructors in the lite dialect
SL2016 modifiers in the lite dialect
SL2017 receiving value in the lite dialect
SL2018 inline assembly in the lite dialect
SL2019 local variables in the lite dialect
SL2020 logical operators in the lite dialect
SL2021 calls and inner functions in the lite dialect
SL2022 several return values in the lite dialect
SL2023 other types in the lite dialect
SL2024 other definitions in the lite dialect
SL2025 several contracts in a lite file
SL2026 other statements in the lite dialect
SL2027 a value and an effect from one lite function
SL2028 other expressions in the lite dialect
SL2029 constants and initial values in the lite dialect

SL2101 Solidity other than 0.8
SL2102 ABI coder v1
SL2103 SMTChecker

SL4001 nesting too deep
SL4002 sources too large
SL4003 identifier too long
SL4004 too many base contracts
SL4005 time budget used up
SL4006 memory budget used up
SL4007 assembly that may overwrite spilled values
SL4008 number too long
SL4009 program too large
SL4010 type or constant of too many parts
"""

_WARNINGS = """
SL6001 no Solidity version stated
SL6002 implicit wrapping arithmetic
SL6003 wrong address checksum
SL6006 contract code too large
SL6007 this in a constructor
SL6010 a name hides another
SL6014 unused variable or parameter
SL6015 unreachable code
SL6016 a result that is not used
SL6021 unchecked result of a low-level call
SL6022 unknown assembly flag
"""


def _table(text: str, severity: str) -> dict[str, Code]:
    rows = (line.split(None, 1) for line in text.splitlines() if line)
    return {code: Code(severity, title) for code, title in rows}


CODES: dict[str, Code] = {**_table(_ERRORS, "error"), **_table(_WARNINGS, "warning")}
