pragma facet checked;

facet {
    uint256 x;
}
