// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

contract Packed {
    uint8 a;
    int16 b;
    bool c;
    address d;
    bytes4 e;
    uint256 f;
    uint128 public g;
    int128 public h;
    bytes31 i;
    enum Mode { Off, On, Auto }
    Mode public mode;
    uint64[5] small;
    bool[40] flags;
    struct Inner { uint8 x; uint256 y; int24 z; }
    struct Outer { address who; Inner inner; bool done; bytes2 tag; }
    Outer outer;
    mapping(uint256 => Outer) outers;
    mapping(address => mapping(bytes4 => int32)) public nested;

    function setA(uint8 v) external { a = v; }
    function setB(int16 v) external { b = v; }
    function setC(bool v) external { c = v; }
    function setD(address v) external { d = v; }
    function setE(bytes4 v) external { e = v; }
    function setF(uint256 v) external { f = v; }
    function setG(uint128 v) external { g = v; h = -int128(v / 2); }
    function setI(bytes31 v) external { i = v; }
    function setMode(Mode m) external { mode = m; }
    function get() external view returns (uint8, int16, bool, address, bytes4, uint256, bytes31) {
        return (a, b, c, d, e, f, i);
    }
    function bump() external { a++; b--; f += a; g *= 2; h -= 1; }
    function setSmall(uint256 k, uint64 v) external { small[k] = v; }
    function getSmall(uint256 k) external view returns (uint64) { return small[k]; }
    function setFlag(uint256 k, bool v) external { flags[k] = v; }
    function getFlag(uint256 k) external view returns (bool) { return flags[k]; }
    function clearArrays() external { delete small; delete flags; }
    function setOuter(address w, uint8 x, uint256 y, int24 z, bytes2 t) external {
        outer.who = w;
        outer.inner = Inner(x, y, z);
        outer.done = !outer.done;
        outer.tag = t;
    }
    function setMapped(uint256 k, address w, uint8 x) external {
        Outer storage o = outers[k];
        o.who = w;
        o.inner.x = x;
        o.inner.z = -int24(uint24(x));
        outers[k + 1] = o;
        outer = outers[k];
    }
    function getOuter(uint256 k) external view returns (address, uint8, uint256, int24, bool, bytes2) {
        Outer memory o = outers[k];
        return (o.who, o.inner.x, o.inner.y, o.inner.z, o.done, o.tag);
    }
    function whole() external view returns (Outer memory) { return outer; }
    function wholeMapped(uint256 k) external view returns (Outer memory o) { o = outers[k]; }
    function store(Outer calldata o, uint256 k) external { outers[k] = o; }
    function storeMemory(Outer memory o, uint256 k) external { o.inner.y += 1; outers[k] = o; }
    function clear(uint256 k) external { delete outers[k]; delete outer.inner; delete a; delete mode; }
    function setNested(address x, bytes4 y, int32 v) external { nested[x][y] += v; }
    function clearNested(address x, bytes4 y) external returns (int32 old) { old = nested[x][y]; delete nested[x][y]; }
}

contract Arrays {
    uint256[] public words;
    uint8[] public bytes8s;
    address[] people;
    int40[][] matrix;
    uint256[2][] pairs;
    struct Item { uint64 id; uint8[] data; string name; }
    Item[] items;
    mapping(uint256 => uint16[]) lists;

    function push(uint256 v) external { words.push(v); }
    function push8(uint8 v) external returns (uint256) { bytes8s.push(v); bytes8s.push() = v / 2; return bytes8s.length; }
    function pop() external { words.pop(); }
    function pop8() external { bytes8s.pop(); }
    function set(uint256 k, uint256 v) external { words[k] = v; }
    function set8(uint256 k, uint8 v) external { bytes8s[k] += v; }
    function all() external view returns (uint256[] memory) { return words; }
    function all8() external view returns (uint8[] memory) { return bytes8s; }
    function assign(uint256[] calldata v) external { words = v; }
    function assign8(uint8[] memory v) external { bytes8s = v; }
    function clear() external { delete words; delete bytes8s; delete people; }
    function addPeople(address[] calldata v) external { for (uint256 i = 0; i < v.length; i++) people.push(v[i]); }
    function getPeople() external view returns (address[] memory p, uint256 n) { p = people; n = people.length; }
    function grow(uint256 k) external { matrix.push(); matrix[matrix.length - 1].push(int40(int256(k))); }
    function deep(uint256 a, uint256 b) external view returns (int40) { return matrix[a][b]; }
    function rows() external view returns (int40[][] memory) { return matrix; }
    function addPair(uint256 a, uint256 b) external { pairs.push([a, b]); }
    function getPairs() external view returns (uint256[2][] memory) { return pairs; }
    function addItem(uint64 id, uint8[] calldata data, string calldata name) external {
        Item storage it = items.push();
        it.id = id;
        it.data = data;
        it.name = name;
    }
    function getItem(uint256 k) external view returns (Item memory) { return items[k]; }
    function dropItem() external { items.pop(); }
    function clearItems() external { delete items; }
    function list(uint256 k, uint16 v) external { lists[k].push(v); lists[k + 1] = lists[k]; }
    function getList(uint256 k) external view returns (uint16[] memory) { return lists[k]; }
    function swap(uint256 a, uint256 b) external { (words[a], words[b]) = (words[b], words[a]); }
}

contract ByteStrings {
    bytes data;
    string public text;
    mapping(string => uint256) byName;
    mapping(bytes => string) public names;
    function set(bytes calldata v) external { data = v; }
    function setMemory(bytes memory v) external { data = v; }
    function setText(string calldata v) external { text = v; }
    function literal() external { text = "a literal that is rather longer than thirty-one bytes"; data = "short"; }
    function get() external view returns (bytes memory, string memory, uint256) { return (data, text, data.length); }
    function push(bytes1 v) external { data.push(v); }
    function pushEmpty() external { data.push(); }
    function pop() external { data.pop(); }
    function at(uint256 k) external view returns (bytes1) { return data[k]; }
    function put(uint256 k, bytes1 v) external { data[k] = v; }
    function clear() external { delete data; delete text; }
    function copy() external { data = bytes(text); }
    function name(string calldata k, uint256 v) external { byName[k] = v; names[bytes(k)] = k; }
    function nameOf(string memory k) external view returns (uint256) { return byName[k]; }
    function hash() external view returns (bytes32, bytes32) { return (keccak256(data), keccak256(bytes(text))); }
    function packed() external view returns (bytes memory) { return abi.encodePacked(data, text, uint8(7)); }
}

contract MappingPointers {
    mapping(uint256 => uint256) a;
    mapping(uint256 => uint256) b;
    uint256 x;

    function moved(bool q) external returns (uint256, uint256) {
        mapping(uint256 => uint256) storage m = a;
        m[1] += 5;
        m = b;
        m[1] += 7;
        (m, x) = (a, 1);
        m[1]++;
        m = q ? a : b;
        unchecked { m[1] *= 3; }
        return (a[1], b[1]);
    }
}
