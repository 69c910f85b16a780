pragma solidity ^0.8.24;

contract Shop {
    unit256 total;
    uint265 b;
    functon run() external {}
    function two() extrenal {}
    function three() external veiw returns (uint256) { retrun 1; }
    maping(address => uint256) m;
    adress owner;
    sting name;
    event Paid(adress who);
    constuctor() {}
}
