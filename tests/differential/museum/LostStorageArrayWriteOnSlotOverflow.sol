// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

// An array that goes past the last slot goes on at the first, when it is cleared or copied as well.

contract Exhibit {
    struct Fixed {
        uint256[10] words;
    }

    struct Narrow {
        uint16[60] numbers;
    }

    function words(uint8 before) internal pure returns (Fixed storage found) {
        assembly {
            found.slot := sub(0, mod(before, 11))
        }
    }

    function numbers(uint8 before) internal pure returns (Narrow storage found) {
        assembly {
            found.slot := sub(0, mod(before, 5))
        }
    }

    function list(uint8 before) internal pure returns (uint256[][3] storage found) {
        assembly {
            found.slot := sub(0, mod(before, 4))
        }
    }

    function filled(uint8 before, uint8 value) external returns (uint256[10] memory) {
        Fixed storage f = words(before);
        for (uint256 i = 0; i < 10; i++) f.words[i] = value + i;
        return f.words;
    }

    function cleared(uint8 before) external returns (uint256[10] memory) {
        Fixed storage f = words(before);
        for (uint256 i = 0; i < 10; i++) f.words[i] = i + 1;
        delete f.words;
        return f.words;
    }

    function shorter(uint8 before, uint8 value) external returns (uint256[10] memory) {
        Fixed storage f = words(before);
        for (uint256 i = 0; i < 10; i++) f.words[i] = i + 1;
        f.words = [uint256(value), 2, 3, 4, 5, 6, 7, 8, 9, 10];
        return f.words;
    }

    function narrow(uint8 before, uint16 value) external returns (uint16[60] memory) {
        Narrow storage n = numbers(before);
        for (uint256 i = 0; i < 60; i++) n.numbers[i] = value;
        delete n.numbers;
        n.numbers[7] = value;
        return n.numbers;
    }

    function lists(uint8 before, uint8 length) external returns (uint256) {
        uint256[][3] storage l = list(before);
        for (uint256 i = 0; i < 3; i++) {
            for (uint256 j = 0; j < length % 4; j++) l[i].push(j);
        }
        uint256 had = l[0].length + l[2].length;
        delete l[1];
        if (length % 2 == 0) delete l[2];
        return had * 100 + l[0].length + l[1].length + l[2].length;
    }
}
