"""Sources that must be refused, and where: `«…»` stands around what the diagnostic points at."""

from __future__ import annotations

POINTERS = """
SL0602 contract C { function f() internal pure returns (uint[] storage) { uint[] storage x; return «x»; } }
SL0602 contract C { uint[] a; function f(bool b) internal view returns («uint[] storage r») { if (b) r = a; } }
SL0602 contract C { uint[] a; function f(bool b) internal { uint[] storage x; if (b) x = a; else {} «x».pop(); } }
SL0602 contract C { uint[] a; function f(bool b) internal { uint[] storage x; b && (x = a).length > 0; «x».pop(); } }
SL0602 contract C { uint[] a; function f(uint n) internal { uint[] storage x; while (n > 0) { x = a; n--; } «x».pop(); } }
SL0602 contract C { uint[] a; function f(uint n) internal { uint[] storage x; for (;;) { if (n > 3) break; x = a; } «x».pop(); } }
SL0602 contract C { uint[] a; function f(uint n) internal { uint[] storage x; do { if (n > 3) continue; x = a; } while (n > 9); «x».pop(); } }
SL0602 contract C { uint[] a; modifier m(bool b) { if (b) _; } function f() internal view m(true) returns («uint[] storage r») { return a; } }
SL0602 contract C { uint[] a; modifier m() { uint[] storage x; _; «x».pop(); } function f() internal m {} }
SL0602 contract C { function f() internal pure { uint[] storage x; assembly { pop(«x.slot») } } }
SL0602 contract C { function f(bool b) internal pure { uint[] storage x; assembly { if b { x.slot := 1 } } «x»; } }
SL0602 contract C { function f(bytes calldata a, bool b) external pure returns (uint) { bytes calldata x; b ? x = a : a; return «x».length; } }
SL0602 contract C { mapping(uint => uint) a; function f() internal { «mapping(uint => uint) storage x;» x = a; } }
"""

NAMES = """
SL0202 contract A { function f() public {} } contract B is A { error «f»(); }
SL0202 contract A { uint x; } contract B is A { uint «x»; }
SL0202 contract A { modifier m() { _; } } contract B is A { function «m»() public {} }
SL0202 contract A { event E(uint a); } contract B is A { event «E»(uint b); }
SL0202 contract A { error E(); } contract B { error «E»(); } contract C is A, B {}
SL0202 contract C { mapping(uint a => mapping(uint «a» => uint)) m; }
SL0220 contract C { uint «_»; }
SL0220 contract C { function f(uint «this») internal {} }
SL0220 contract C { struct S { uint «super»; } }
SL0220 contract C { enum E { «_» } }
SL0220 contract C { function f() internal pure { assembly { let «this» := 1 } } }
SL0220 contract C { function f() internal pure { assembly { let «a.b» := 1 } } }
SL0220 contract C { function f() internal pure { assembly { function «linkersymbol»() {} } } }
SL0207 contract A { uint x; } contract B is A {} contract C is B { function f() internal { B.«x» = 1; } }
SL0207 contract A { function f() private {} } contract B is A { function g() internal { A.«f»(); } }
SL0207 contract C { function g() private {} function f() public { C.«g»(); } }
SL0207 library L { uint private constant X = 1; function f() internal pure returns (uint) { return L.«X»; } }
SL0207 contract C { event E() anonymous; function f() internal pure returns (bytes32) { return E.«selector»; } }
SL0207 contract C { receive() external payable { «msg.data»; } }
SL0314 contract C { struct S { uint x; } function f(«S» memory S) internal {} }
SL0701 contract A { enum E { a } function f(E) public {} } contract B is A { function «f»(uint8) public {} }
SL0710 error «Error»(uint a);
SL0710 contract C { error Odd5422(); error «Odd160863»(); }
"""

HEADERS = """
SL0120 contract A { function «A»() public {} }
SL0116 contract A { «constructor»() view {} }
SL0116 contract A { «constructor»() internal {} }
SL0116 abstract contract A { «constructor»() public {} }
SL0116 contract A { function f() public virtual «virtual» {} }
SL0116 contract A { event E(uint indexed «indexed» a); }
SL0116 error E(uint[] «memory» a);
SL0116 uint «public» constant X = 1;
SL0511 contract A { constructor() returns («uint») {} }
SL0530 contract A { «constructor»() virtual {} }
SL0530 contract A { «constructor»() override {} }
SL0530 function «f»() virtual {}
SL0530 function «f»() override {}
SL0530 contract A { modifier m() { _; } } function f() «A.m» {}
SL0530 library L { function «f»() internal virtual {} }
SL0530 library L { modifier «m»() virtual { _; } }
SL0530 interface I { modifier «m»() { _; } }
SL0530 interface I { function f() external «m»; }
SL0530 abstract contract A { modifier m() { _; } function f() public «m» virtual; }
SL0530 abstract contract A { function «f»() private virtual {} }
SL0530 abstract library «L» {}
SL0530 abstract interface «I» {}
SL0531 contract A { modifier «m»() { } }
SL0531 contract A { modifier m() { unchecked { «_;» } } }
SL0512 abstract contract A { modifier «m»(); }
SL0513 contract «A» { modifier m() virtual; }
SL0532 contract A { struct S { S[] x; } mapping(uint => S) public «m»; }
SL0532 contract A { struct S { uint[] x; } S public «s»; }
SL0503 contract A is «B» {} contract B {}
"""

OVERRIDES = """
SL0521 contract A { function f() private {} } contract B is A { function «f»() private {} }
SL0522 contract A { function f() public virtual {} } abstract contract B is A { function «f»() public virtual override; }
SL0522 contract A { function f(uint[] memory) public virtual {} } contract B is A { function «f»(uint[] calldata) public override {} }
SL0522 contract A { function f(uint[] memory a) internal virtual returns (uint[] memory) { return a; } } contract B is A { uint[] s; function «f»(uint[] memory) internal override returns (uint[] storage) { return s; } }
SL0522 abstract contract A { function x() external pure virtual returns (uint); } contract B is A { uint public override «x»; }
SL0522 abstract contract A { function x() external view virtual returns (address); } contract B is A { uint public override «x»; }
SL0522 contract A { modifier m(uint) virtual { _; } } contract B is A { modifier «m»() override { _; } }
SL0520 contract A { receive() external payable {} } contract B is A { «fallback»() external override {} }
SL0520 contract A { uint override «x»; }
SL0523 contract A { fallback() external virtual {} } contract B is A { «fallback»() external {} }
SL0523 contract A { function f() public virtual {} } contract B { function f() public virtual {} } contract C is A, B { function f() public override(A, B, «A») {} }
SL0524 contract A { fallback() external virtual {} } contract B { fallback() external virtual {} } contract «C» is A, B {}
SL0524 contract A { modifier m() virtual { _; } } contract B { modifier m() virtual { _; } } contract «C» is A, B {}
SL0524 contract A { function f() public virtual {} } contract B is A { function f() public virtual override {} } contract C is A { function f() public virtual override {} } contract «D» is B, C {}
SL0524 contract A { function f() public virtual {} } contract B is A { function f() public virtual override {} } contract «C» is A, B {}
SL0515 contract A { constructor(uint) {} } contract B is A(1) {} contract C is A(2) {} contract «D» is B, C {}
SL0515 contract A { constructor() {} } contract B is A { constructor() «A» {} }
SL0515 library L { modifier m() { _; } } contract C { function f() public «L.m» {} }
SL0515 contract A { modifier m() { _; } } contract B { function f() public «A.m» {} }
SL0515 abstract contract A { modifier m() virtual; } contract B is A { modifier m() override { _; } function f() public «A.m» {} }
SL0411 contract A { uint x; modifier m() { x; _; } function f() public pure «m» {} }
SL0410 contract A { uint x; modifier m() { x = 1; _; } function f() public view «m» {} }
SL0412 contract A { modifier m() { msg.value; _; } function f() public «m» {} }
"""

VALUES = """
SL0307 contract C { uint constant A = 0; uint constant B = «7 / A»; }
SL0307 contract C { uint constant A = 0; uint constant B = «7 % (A * 2)»; }
SL0307 contract C { function f(uint a) internal pure returns (uint) { return addmod(a, 2, «0»); } }
SL0307 contract C { function f() internal pure { («2**270», 1); } }
SL0319 contract C { uint8 constant A = 255; uint constant B = 3; uint[«A + A»] x; }
SL0319 library L { uint constant A = 2; } contract C { uint[«L.A»] x; }
SL0319 contract C { uint constant A = 2; uint[«uint(A)»] x; }
SL0330 contract C { function f(«uint[2**20][2**20]» memory x) internal {} }
SL0330 contract C { «uint[2**255][2]» x; }
SL0330 contract «C» { uint[2**255] x; uint[2**255] y; }
SL0330 contract C { function f(bytes memory b) internal pure { abi.decode(b, («uint[2**40]»)); } }
SL0310 contract C { mapping(uint => uint)[] a; mapping(uint => uint) m; function f() internal { «a.push(m)»; } }
SL0310 contract C { struct S { mapping(uint => uint) m; } S a; S b; function f() internal { «a = b»; } }
SL0310 contract C { struct S { mapping(uint => uint) m; } S a; S b; uint c; function f() internal { («a», c) = (b, 1); } }
SL0310 library L { function f(mapping(uint => uint) storage x, mapping(uint => uint) storage y) external { «x = y»; } }
SL0305 contract C { function g() private pure {} function f(bool b) internal pure { bool c; b ? («g()», c = b) : (g(), c = b); } }
SL0705 library L { struct S { function() internal[] f; S[] s; } function f(«S» storage s) public {} }
SL0306 contract C { function f() internal pure { «[(1, 2), (3, 4)]»; } }
SL0010 contract C { bytes constant A = «hex"12__34"»; }
SL0010 contract C { function f() internal pure { assembly { let x := «hex"1g"» } } }
SL0321 contract A { uint immutable x = 1; } contract B { function f() public pure returns (bytes memory) { return «type(A).runtimeCode»; } }
SL0321 contract A { function f() public { new B(); } } contract B { function f() public { «new A()»; } }
SL0321 function g() { «new A()»; } contract A { function f() public { g(); } }
SL0311 contract A { uint immutable x; constructor() m { } modifier m() { «x» = 1; _; } }
SL0402 contract C { event E(uint a, string b); event E(string b, uint a); function f() internal { «emit E({a: 1, b: ""});» } }
SL0302 contract C { function f() internal pure { «require»; } }
SL0302 contract C { uint[] a; function f() internal { «a.push»; } }
SL0302 contract C { bytes a; function f(bool b) internal { b ? «a.push» : a.push; } }
SL0002 contract C { function f() internal pure { assembly { let x := «"ü"» } } }
SL0323 contract C { function f() internal pure { «new uint[3]»; } }
SL0308 contract C { function f(string[] calldata a) external pure { «a[1:]»; } }
SL0308 contract C { function f(uint[][] calldata a) external pure returns (uint) { return «a[:1]».length; } }
SL0304 contract C { uint a; uint b; function f() public { «delete (a, b)»; } }
SL0304 contract C { function f() internal pure returns (bool) { return «127 == -1»; } }
SL0304 contract C { function f() internal pure returns (bool) { return «2**256 > 1»; } }
SL0302 contract C { function f() internal pure { true ? («C», 1) : (C, 1); } }
SL0405 contract C { function k() external {} function f() public { «k()»; } }
SL0307 contract C { int public a = «1 >> 4294967296»; }
SL0406 contract C { function f() external { «this.f{gas: 1}{gas: 2}»(); } }
SL0406 contract C { function f() external { «address(this).call{gas: 1}{value: 2}»(""); } }
SL0406 contract A {} contract C { function f() external { «new A{salt: 0}{salt: 0}»(); } }
"""

SYNTAX = """
SL0106 contract C { enum E { a,«}» }
SL0106 contract C { function f() internal pure { [1, 2,«]»; } }
SL0108 contract C { function f() internal pure { («)»; } }
SL0108 contract C { function f(bytes memory b) internal pure { abi.decode(b, (address «payable»)); } }
SL0108 contract C { function f(bytes memory b) internal pure { abi.decode(b, (payable«)»); } }
SL0108 contract C { function f() internal pure { (,,«)» = (1, 2, 3); } }
SL0313 contract C { mapping(«address payable» => uint) m; }
SL0603 contract C { function f() internal pure { if (true) «unchecked» {} } }
SL0804 contract C { function f() internal pure { assembly («)» {} } }
SL0804 contract C { function f() internal pure { assembly ("memory-safe", «"memory-safe"») {} } }
SL0808 contract C { function f() internal view { assembly { pop(«difficulty»()) } } }
SL0806 contract C { function f(uint x) internal pure { assembly { function g() -> x { «x» := 1 } } } }
SL0810 contract C { function f() internal pure { assembly { pop(«msize()») } } }
SL0810 contract C { function f() internal pure { assembly { function g() -> x { if 1 { x := add(1, «msize()») } } } } }
SL0810 contract C { modifier m { assembly { switch «msize()» case 0 { leave_() } function leave_() {} } _; } }
SL0810 function f() pure { assembly { for {} lt(«msize()», 2) {} {} } } contract C {}
SL0123 /* SPDX-License-Identifier: «M!T» */ contract C {}
SL0123 /* SPDX-License-Identifier: MIT */ contract C {} /* SPDX-License-Identifier: «ISC» */
"""
