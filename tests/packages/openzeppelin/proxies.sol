// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {UUPSUpgradeable} from "@openzeppelin/contracts/proxy/utils/UUPSUpgradeable.sol";

contract Logic is Initializable, UUPSUpgradeable {
    uint256 public value;

    function start(uint256 to) external initializer {
        value = to;
    }

    function again(uint256 to, uint64 version) external reinitializer(version) {
        value += to;
    }

    function version() external pure virtual returns (uint256) {
        return 1;
    }

    function implementation() external view returns (address) {
        return ERC1967Utils.getImplementation();
    }

    function _authorizeUpgrade(address) internal view override {
        require(value != 13, "stuck");
    }
}

contract NewLogic is Logic {
    function version() external pure override returns (uint256) {
        return 2;
    }
}

contract Proxies {
    Logic public immutable logic = new Logic();
    Logic public immutable newer = new NewLogic();
    Logic public proxy;
    Logic public clone;

    constructor() {
        proxy = Logic(address(new ERC1967Proxy(address(logic), abi.encodeCall(Logic.start, (7)))));
        clone = Logic(Clones.clone(address(logic)));
    }

    function fresh(uint256 value, bytes32 salt) external returns (uint256) {
        Logic made = Logic(Clones.cloneDeterministic(address(logic), salt));
        made.start(value);
        require(address(made) == Clones.predictDeterministicAddress(address(logic), salt), "elsewhere");
        return made.value();
    }

    function start(uint8 value) external returns (uint256) {
        clone.start(value);
        return clone.value();
    }

    function again(uint8 value, uint64 version) external returns (uint256) {
        proxy.again(value, version % 8);
        return proxy.value();
    }

    function upgrade(bool up, bool call) external returns (uint256, bool) {
        Logic to = up ? newer : logic;
        proxy.upgradeToAndCall(address(to), call ? abi.encodeCall(Logic.again, (1, 9)) : bytes(""));
        return (proxy.version(), proxy.implementation() == address(to));
    }
}
