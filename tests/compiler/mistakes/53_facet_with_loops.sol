pragma facet checked;

facet Sum {
    uint256 total;
    uint256[] list;

    constructor() {
        total = 1;
    }

    function sum(uint256 n) external {
        uint256 local = 0;
        for (uint256 i = 0; i < n; i++) {
            total += i;
        }
        total = local;
    }
}
