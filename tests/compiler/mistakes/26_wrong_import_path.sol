// file: src/Token.sol
pragma solidity ^0.8.24;

import "./interfaces/IToken.sol";
import {Safemath} from "./libraries/SafeMath.sol";
import "@openzeppelin/contracts/token/ERC20/ERC20.sol";

contract Token {}
// file: src/libraries/SafeMath.sol
pragma solidity ^0.8.24;

library SafeMath {}
// file: src/interface/IToken.sol
pragma solidity ^0.8.24;

interface IToken {}
