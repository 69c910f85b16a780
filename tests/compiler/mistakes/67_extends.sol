pragma solidity ^0.8.24;

contract Base {}

contract Shop extends Base {
}

contract Two implements Base {
}

contract Three : Base {
}
