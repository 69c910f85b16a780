// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

import {EnumerableMap} from "@openzeppelin/contracts/utils/structs/EnumerableMap.sol";
import {EnumerableSet} from "@openzeppelin/contracts/utils/structs/EnumerableSet.sol";

contract Sets {
    using EnumerableSet for EnumerableSet.UintSet;
    using EnumerableSet for EnumerableSet.AddressSet;
    using EnumerableSet for EnumerableSet.StringSet;
    using EnumerableMap for EnumerableMap.UintToAddressMap;

    EnumerableSet.UintSet private numbers;
    EnumerableSet.AddressSet private people;
    EnumerableSet.StringSet private texts;
    EnumerableMap.UintToAddressMap private owners;

    function number(uint8 n, bool keep) external returns (bool, uint256[] memory) {
        return (keep ? numbers.add(n % 8) : numbers.remove(n % 8), numbers.values());
    }

    function person(address who, bool keep) external returns (bool, address[] memory) {
        return (keep ? people.add(who) : people.remove(who), people.values());
    }

    function text(string memory t, bool keep) external returns (bool, string[] memory) {
        return (keep ? texts.add(t) : texts.remove(t), texts.values());
    }

    function own(uint8 n, address who) external returns (bool had, address before, uint256 length) {
        (had, before) = owners.tryGet(n % 8);
        owners.set(n % 8, who);
        length = owners.length();
    }

    function disown(uint8 n) external returns (bool, uint256[] memory) {
        return (owners.remove(n % 8), owners.keys());
    }

    function at(uint8 n) external view returns (uint256, address, address) {
        (uint256 key, address value) = owners.at(n);
        return (key, value, owners.get(key));
    }
}
