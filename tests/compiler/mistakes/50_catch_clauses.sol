pragma solidity ^0.8.24;

contract Catches {
    function risky() external pure returns (uint256) {
        return 1;
    }

    function f() external view {
        try this.risky() returns (uint256 value) {
            value;
        } catch Eror(string memory reason) {
            reason;
        } catch Panic(uint8 code) {
            code;
        } catch (bytes memory) {
        } catch (bytes memory) {
        }
        try this.risky() returns (bool) {} catch {}
    }
}
