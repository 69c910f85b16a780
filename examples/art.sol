// SPDX-License-Identifier: MIT
pragma facet checked;

/// @title A small tradable collection (ERC-721), written in the lite dialect
/// @notice Whoever calls `open` first is the artist, so open a collection in the transaction after deploying it and look
/// at `artist` before buying. The artist mints; holders move works, or let others move them. A view of this dialect is
/// one expression and cannot refuse: the holder of a work that does not exist is the zero address.
facet Art {
    address opener;
    uint256 minted;
    mapping(uint256 => address) holders;
    mapping(address => uint256) held;
    mapping(uint256 => address) approvals;
    mapping(address => mapping(address => bool)) operators;

    event Opened(address indexed artist);
    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    function name() external pure returns (string) { return "Small Works"; }
    function symbol() external pure returns (string) { return "ART"; }
    function tokenURI(uint256) external pure returns (string) {
        return "data:application/json;utf8,{\"name\":\"A small work\"}";
    }

    function artist() external view returns (address) { return opener; }
    function totalSupply() external view returns (uint256) { return minted; }
    function ownerOf(uint256 tokenId) external view returns (address) { return holders[tokenId]; }
    function balanceOf(address holder) external view returns (uint256) { return held[holder]; }
    function getApproved(uint256 tokenId) external view returns (address) { return approvals[tokenId]; }
    function isApprovedForAll(address holder, address operator) external view returns (bool) {
        return operators[holder][operator];
    }

    function open() external {
        require(opener == 0, "opened already");
        opener = msg.sender;
        emit Opened(msg.sender);
    }

    /// @notice Makes the next work, for the artist.
    function mint() external {
        require(msg.sender == opener, "not the artist");
        minted += 1;
        holders[minted] = msg.sender;
        held[msg.sender] += 1;
        emit Transfer(0, msg.sender, minted);
    }

    function approve(address spender, uint256 tokenId) external {
        if (msg.sender != holders[tokenId]) {
            require(operators[holders[tokenId]][msg.sender], "not allowed");
        }
        require(holders[tokenId] != 0, "no such work");
        approvals[tokenId] = spender;
        emit Approval(holders[tokenId], spender, tokenId);
    }

    function setApprovalForAll(address operator, bool approved) external {
        operators[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 tokenId) external {
        require(holders[tokenId] != 0, "no such work");
        require(holders[tokenId] == from, "not the holder");
        require(to != 0, "no receiver");
        if (msg.sender != from) {
            if (msg.sender != approvals[tokenId]) {
                require(operators[from][msg.sender], "not allowed");
            }
        }
        approvals[tokenId] = 0;
        held[from] -= 1;
        held[to] += 1;
        holders[tokenId] = to;
        emit Transfer(from, to, tokenId);
    }
}
