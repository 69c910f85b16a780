pragma facet chekced;

facet A {
    uint256 x;

    function set(uint256 v) external {
        x = v;
    }
}
