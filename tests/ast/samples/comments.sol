// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/**/
/***/
/** */
contract Comments {
    /**
     * a

       b
     ** two stars
     *
     *	c */
    uint256 a;
    /** one **/ uint256 b;
    /// x
    ///
    ///  y

    /// z
    uint256 c;
    ///
    uint256 d;
    ///
    /// late
    uint256 e;
    /// text //// more
    //// four
    uint256 f;
    /* plain */ /// trailing
    uint256 g; /// after
    /** é✓
    ünï */ /* no */ // no
    function h() external {
        /// on return
        return;
    }
    /// ends
}
/// last
