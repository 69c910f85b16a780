// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

interface IBase { function value() external view returns (uint256); event Changed(address indexed by, uint256 v); error Refused(uint256 v); }

abstract contract Root {
    uint256 internal stored;
    uint256 public immutable seed;
    address public immutable maker = msg.sender;
    constructor(uint256 s) { seed = s; stored = s / 2; }
    function kind() public view virtual returns (string memory);
    function twice(uint256 a) public pure virtual returns (uint256) { return a * 2; }
    modifier checked(uint256 v) virtual { require(v != 13, "unlucky"); _; }
}

contract Left is Root {
    constructor(uint256 s) Root(s + 1) { stored += 10; }
    function kind() public view virtual override returns (string memory) { return "left"; }
    function twice(uint256 a) public pure virtual override returns (uint256) { return super.twice(a) + 1; }
}

abstract contract Right is Root {
    uint64 internal rightSide = 7;
    function twice(uint256 a) public pure virtual override returns (uint256) { return super.twice(a) + 100; }
}

contract Both is Left, Right, IBase {
    string public name = "both";
    bytes32 immutable tag;
    uint16 public constant LIMIT = 500;
    bytes32 constant HASH = keccak256("both");
    constructor(uint256 s, bytes32 t) Left(s * 2) { tag = t; stored += rightSide; emit Changed(msg.sender, s); }
    function twice(uint256 a) public pure override(Left, Right) returns (uint256) { return super.twice(a); }
    function kind() public view override(Left, Root) returns (string memory) { return stored > 100 ? "big" : super.kind(); }
    function value() external view override returns (uint256) { return stored; }
    function set(uint256 v) external checked(v) { if (v > LIMIT) revert Refused(v); stored = v; emit Changed(msg.sender, v); }
    function tags() external view returns (bytes32, bytes32, uint256, address) { return (tag, HASH, seed, maker); }
    function leftTwice(uint256 a) external pure returns (uint256) { return Left.twice(a); }
}

contract Events {
    event A();
    event B(uint256 indexed a, address b, bytes32 indexed c);
    event C(string indexed s, bytes d, uint8[] e);
    event D(uint8 indexed a, int16 indexed b, bool indexed c, string d) anonymous;
    event E(uint256[2] f, bytes4 g);
    event E(string h, address i);
    event E();
    event E(address j, string k);
    struct S { uint8 a; string b; }
    event F(S s, uint256 indexed k);
    function a() external { emit A(); }
    function b(uint256 x, address y, bytes32 z) external { emit B(x, y, z); }
    function c(string calldata s, bytes memory d, uint8[] calldata e) external { emit C(s, d, e); }
    function d(uint8 x, int16 y, bool z, string memory s) external { emit D(x, y, z, s); }
    function e(uint256[2] memory f, bytes4 g) external { emit E(f, g); }
    function f(S calldata s, uint256 k) external { emit F(s, k); emit B({c: bytes32(k), a: k, b: msg.sender}); }
}

library Lib {
    struct Box { uint256 v; uint8 w; }
    error Full(uint256 v);
    function put(Box storage b, uint256 v) internal { if (v > 1000) revert Full(v); b.v = v; b.w = uint8(v); }
    function double(uint256 a) internal pure returns (uint256) { return a * 2; }
    function max(uint256 a, uint256 b) internal pure returns (uint256) { return a > b ? a : b; }
}

function free(uint256 a) pure returns (uint256) { return a + FREE; }
uint256 constant FREE = 40 + 2;

contract UsesLib {
    using Lib for Lib.Box;
    using Lib for uint256;
    Lib.Box box;
    mapping(uint256 => Lib.Box) boxes;
    function put(uint256 v) external { box.put(v); boxes[v].put(v / 2); Lib.put(boxes[1], v); }
    function get(uint256 k) external view returns (uint256, uint8, uint256) { return (box.v, boxes[k].w, k.double().max(free(k))); }
}

contract Callee {
    uint256 public total;
    error Odd(uint256 v);
    struct Info { uint256 a; string b; }
    function add(uint256 v) external payable returns (uint256) { if (v % 2 == 1) revert Odd(v); total += v + msg.value; return total; }
    function info(uint256 v) external view returns (Info memory, uint256[] memory l) { l = new uint256[](v % 4); return (Info(total, "info"), l); }
    function pair(uint8 a) external pure returns (uint8, bool) { return (a, a > 9); }
    function nothing() external {}
    function boom() external pure { revert("boom"); }
    function panic(uint256 v) external pure returns (uint256) { return 1 / v; }
    receive() external payable { total += 1; }
    fallback(bytes calldata data) external payable returns (bytes memory) { return abi.encode(data.length, msg.sig); }
}

contract Small { uint256 immutable v; constructor(uint256 x) payable { require(x != 3, "three"); v = x; } function get() external view returns (uint256) { return v; } }

contract Caller {
    Callee callee = new Callee();
    bytes public last;
    function add(uint256 v) external payable returns (uint256) { return callee.add{value: msg.value}(v); }
    function info(uint256 v) external view returns (Callee.Info memory i, uint256[] memory l) { (i, l) = callee.info(v); }
    function pair(uint8 a) external view returns (uint8 x, bool y) { (x, y) = callee.pair(a); }
    function total() external view returns (uint256) { return callee.total(); }
    function nothing() external { callee.nothing(); }
    function boom() external view { callee.boom(); }
    function panic(uint256 v) external view returns (uint256) { return callee.panic(v); }
    function noCode(address a, uint256 v) external returns (uint256) { return Callee(payable(a)).add(v); }
    function noCodeNothing(address a) external { Callee(payable(a)).nothing(); }
    function low(bytes calldata data, uint8 kind) external payable returns (bool ok, bytes memory r) {
        if (kind % 3 == 0) (ok, r) = address(callee).call{value: msg.value}(data);
        else if (kind % 3 == 1) (ok, r) = address(callee).staticcall(data);
        else (ok, r) = address(callee).delegatecall(data);
        last = r;
    }
    function ignore(bytes memory data) external returns (bool ok) { (ok, ) = address(callee).call(data); }
    function encoded(uint256 v) external returns (bool ok, bytes memory r) { return address(callee).call(abi.encodeCall(Callee.add, (v))); }
    function pay(uint256 v) external payable returns (bool) { return payable(address(callee)).send(v); }
    function transfer(uint256 v) external payable { payable(address(callee)).transfer(v); }
    function balances() external view returns (uint256, uint256, uint256, bytes32) {
        return (address(this).balance, address(callee).balance, address(callee).code.length > 0 ? 1 : 0, address(1).codehash);
    }
    function make(uint256 v) external payable returns (uint256, address) { Small s = new Small{value: msg.value}(v); return (s.get(), address(s)); }
    function makeSalted(uint256 v, bytes32 salt) external returns (uint256) { return new Small{salt: salt}(v).get(); }
    function self(uint256 a) external view returns (uint256) { return this.pureOne(a); }
    function pureOne(uint256 a) external pure returns (uint256) { return a + 1; }
    function environment() external view returns (address, uint256, uint256, uint256, address) {
        return (msg.sender, block.timestamp, block.number, block.chainid, tx.origin);
    }
    function ids() external pure returns (bytes4, bytes4, string memory) { return (type(IBase).interfaceId, IBase.value.selector, type(Caller).name); }
}

contract OnlyReceive { uint256 public n; receive() external payable { n += msg.value; } function f() external payable returns (uint256) { return msg.value; } }
contract OnlyFallback { uint256 public n; fallback() external { n = msg.data.length; } }

contract BaseA { constructor(uint256) {} }
contract BaseB { constructor(uint256, uint256) {} }
contract BaseC { constructor(uint256) {} }

// Arguments of bases are worked out in the order of inheritance, not as the header lists them.
contract OrderOfBases is BaseC, BaseB, BaseA {
    uint256[] public trace;
    constructor(uint256 x) BaseB(note(x % 5), note(2)) BaseC(note(3)) BaseA(note(4)) { note(5); }
    function note(uint256 x) internal returns (uint256) { trace.push(x); return x; }
}

contract NamedMappings {
    struct S { uint256 a; string b; }
    mapping(uint256 id => mapping(address => uint256 amount)) public x;
    mapping(uint256 id => uint256[] list) public y;
    mapping(uint256 id => S record) public z;
    mapping(uint256 => mapping(uint256 inner => bytes)) public w;
    mapping(uint256 id => uint256 amount)[3] public u;
    mapping(uint256 id => uint256 amount) public n;
    function set(uint256 id, uint256 v) external { x[id][msg.sender] = v; y[id].push(v); z[id] = S(v, "s"); u[id % 3][id] = v; n[id] = v / 2; }
    function get(uint256 id, address who) external view returns (uint256) { return this.x(id, who) + this.n({id: id}); }
}

abstract contract Counting {
    uint256 public count;
    modifier counted() virtual { count += 1; _; }
}

contract NamedModifiers is Counting {
    modifier counted() virtual override { count += 10; _; }
    function base() external Counting.counted { count *= 3; }
    function both() external counted Counting.counted { count *= 3; }
    function own() external NamedModifiers.counted {}
}

contract MoreDerived is NamedModifiers {
    modifier counted() override { count += 100; _; }
}
