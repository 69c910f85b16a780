pragma solidity ^0.8.24;

contract Treasury {
    address public constant OWNER = 0x5B38Da6a701c568545dCfcB03FcB875f56beddc4;
    address public constant SHORT = 0x5B38Da6a701c568545dCfcB03FcB875f56beddC;
    address public keeper = "0x5B38Da6a701c568545dCfcB03FcB875f56beddC4";
}
