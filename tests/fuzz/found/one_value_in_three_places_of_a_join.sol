// Where blocks join, one value is wanted in three places, and is on top already: exchanging it with itself went on
// and on, and the compiler with it.
contract Main {
    constructor(uint8 a1, uint16 a2) payable {
        a1 /= ((a1 ** a1) / (false ? uint8(1) : a1));
        a2 += uint16(uint128(a2));
    }
}
