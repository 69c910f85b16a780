pragma facet checked;

facet Door is Owned {
    bool open_;

    function open() external {
        open_ = true;
    }
}

facet Window {
    bool open_;
}
