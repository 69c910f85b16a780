pragma solidity ^0.8.24;
contract A { mapping(address => uint256) balances; uint256[] xs; uint256 public total;
 function f(uint256 i) external view returns (uint256) { return balances(msg.sender); }
 function g(uint256 i) external view returns (uint256) { return xs(i); }
 function h() external view returns (uint256) { return total(1); }
}
