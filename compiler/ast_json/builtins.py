"""The names the language provides, with the numbers and types that solc gives them."""

from __future__ import annotations

from compiler.ast_json.types import (
    ADDRESS,
    BOOL,
    PAYABLE,
    UINT8,
    UINT256,
    Bytes,
    Function,
    Magic,
    Type,
    fixed_bytes,
)

BYTES32, BYTES20, BYTES4 = fixed_bytes(32), fixed_bytes(20), fixed_bytes(4)
MEMORY_BYTES, MEMORY_STRING = Bytes("memory"), Bytes("memory", True, True)
CALLDATA_BYTES = Bytes("calldata")
ERROR = Magic("error")

NUMBERS = {
    "abi": -1, "addmod": -2, "assert": -3, "block": -4, "blockhash": -5, "ecrecover": -6, "gasleft": -7,
    "keccak256": -8, "msg": -15, "mulmod": -16, "require": -18, "revert": -19, "ripemd160": -20,
    "selfdestruct": -21, "sha256": -22, "super": -25, "tx": -26, "type": -27, "this": -28, "blobhash": -29,
    "erc7201": -30,
}  # fmt: skip


def _pure(kind: str, given: tuple[Type, ...], back: tuple[Type, ...] = ()) -> Function:
    return Function(kind, given, back, "pure")


def _view(kind: str, given: tuple[Type, ...], back: tuple[Type, ...]) -> Function:
    return Function(kind, given, back, "view")


def _any(
    kind: str, given: tuple[Type, ...] = (), back: tuple[Type, ...] = (MEMORY_BYTES,)
) -> Function:
    return Function(kind, given, back, "pure", anything=True)


_THREE = (UINT256, UINT256, UINT256)
FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "addmod": (_pure("addmod", _THREE, (UINT256,)),),
    "mulmod": (_pure("mulmod", _THREE, (UINT256,)),),
    "assert": (_pure("assert", (BOOL,)),),
    "blockhash": (_view("blockhash", (UINT256,), (BYTES32,)),),
    "blobhash": (_view("blobhash", (UINT256,), (BYTES32,)),),
    "ecrecover": (_pure("ecrecover", (BYTES32, UINT8, BYTES32, BYTES32), (ADDRESS,)),),
    "gasleft": (_view("gasleft", (), (UINT256,)),),
    "keccak256": (_pure("keccak256", (MEMORY_BYTES,), (BYTES32,)),),
    "sha256": (_pure("sha256", (MEMORY_BYTES,), (BYTES32,)),),
    "ripemd160": (_pure("ripemd160", (MEMORY_BYTES,), (BYTES20,)),),
    "require": (
        _pure("require", (BOOL,)),
        _pure("require", (BOOL, MEMORY_STRING)),
        _pure("require", (BOOL, ERROR)),
    ),
    "revert": (_pure("revert", ()), _pure("revert", (MEMORY_STRING,))),
    "selfdestruct": (Function("selfdestruct", (PAYABLE,), ()),),
    "type": (_any("metatype", back=()),),
    "erc7201": (_pure("erc7201", (MEMORY_STRING,), (UINT256,)),),
}
OBJECTS: dict[str, Type] = {name: Magic(name) for name in ("abi", "block", "msg", "tx")}

MAGIC_MEMBERS: dict[str, dict[str, Type]] = {
    "block": {
        "coinbase": PAYABLE,
        "blockhash": FUNCTIONS["blockhash"][0],
        **dict.fromkeys(
            "timestamp difficulty prevrandao number gaslimit chainid basefee blobbasefee".split(),
            UINT256,
        ),
    },
    "msg": {"sender": ADDRESS, "value": UINT256, "data": CALLDATA_BYTES, "sig": BYTES4},
    "tx": {"origin": ADDRESS, "gasprice": UINT256},
    "abi": {
        "encode": _any("abiencode"),
        "encodePacked": _any("abiencodepacked"),
        "encodeWithSelector": _any("abiencodewithselector", (BYTES4,)),
        "encodeCall": _any("abiencodecall"),
        "encodeWithSignature": _any("abiencodewithsignature", (MEMORY_STRING,)),
        "decode": _any("abidecode", back=()),
    },
}

_CALL = ((MEMORY_BYTES,), (BOOL, MEMORY_BYTES))
ADDRESS_MEMBERS: dict[str, Type] = {
    "balance": UINT256,
    "code": MEMORY_BYTES,
    "codehash": BYTES32,
    "call": Function("barecall", *_CALL, "payable"),
    "delegatecall": Function("baredelegatecall", *_CALL, "nonpayable"),
    "staticcall": Function("barestaticcall", *_CALL, "view"),
}
PAYABLE_MEMBERS: dict[str, Type] = {
    "send": Function("send", (UINT256,), (BOOL,)),
    "transfer": Function("transfer", (UINT256,), ()),
}


# Kinds of functions whose result depends on nothing but constant arguments.
PURE_KINDS = frozenset(
    """keccak256 ecrecover sha256 ripemd160 addmod mulmod objectcreation abiencode abiencodepacked
    abiencodewithselector abiencodecall abiencodewithsignature abidecode metatype wrap unwrap erc7201
    bytesconcat stringconcat""".split()
)
