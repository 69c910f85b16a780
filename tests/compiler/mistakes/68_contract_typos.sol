pragma solidity ^0.8.24;

contrat Shop {
}

interfce I {
}
