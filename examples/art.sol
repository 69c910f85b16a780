// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// What a sale needs of the money.
interface ISaleMoney {
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

interface ITokenReceiver {
    function onERC721Received(address operator, address from, uint256 tokenId, bytes calldata data)
        external
        returns (bytes4);
}

/// @title A collection of small works that can be bought and sold (ERC-721)
/// @notice The artist mints; whoever holds a work may ask a price for it; whoever pays the price holds it. A resale pays
/// the artist a share. Prices are in base units of one token, which moves between the parties and is never held here.
contract Art {
    struct Work {
        address holder;
        address approved;
        uint256 price;
        string title;
    }

    event Transfer(address indexed from, address indexed to, uint256 indexed tokenId);
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);
    event PriceAsked(uint256 indexed tokenId, address indexed holder, uint256 price);
    event Sold(uint256 indexed tokenId, address indexed seller, address indexed buyer, uint256 price, uint256 royalty);

    error NotArtist();
    error NotHolder();
    error NotAllowed();
    error UnknownWork(uint256 tokenId);
    error NotForSale(uint256 tokenId);
    /// @notice The price rose above what the buyer was ready to pay.
    error PriceAbove(uint256 price, uint256 limit);
    error PaymentFailed();
    error ZeroReceiver();
    error ReceiverRejected();
    error BadTitle();

    uint256 public constant ROYALTY_BPS = 500;
    uint256 public constant MAX_TITLE_BYTES = 64;

    address public immutable artist;
    address public immutable money;
    string public name;
    string public symbol;
    uint256 public totalSupply;

    mapping(uint256 => Work) private _works;
    mapping(address => uint256) private _held;
    mapping(address => mapping(address => bool)) public isApprovedForAll;

    constructor(address money_, string memory name_, string memory symbol_) {
        artist = msg.sender;
        money = money_;
        name = name_;
        symbol = symbol_;
    }

    // Making and looking

    function mint(string calldata title) external returns (uint256 tokenId) {
        if (msg.sender != artist) revert NotArtist();
        if (!_plain(bytes(title))) revert BadTitle();
        tokenId = ++totalSupply;
        _works[tokenId].holder = msg.sender;
        _works[tokenId].title = title;
        _held[msg.sender]++;
        emit Transfer(address(0), msg.sender, tokenId);
    }

    function titleOf(uint256 tokenId) external view returns (string memory) {
        return _work(tokenId).title;
    }

    /// @return Zero when the work is not for sale.
    function priceOf(uint256 tokenId) external view returns (uint256) {
        return _work(tokenId).price;
    }

    function tokenURI(uint256 tokenId) external view returns (string memory) {
        return string.concat('data:application/json;utf8,{"name":"', _work(tokenId).title, '"}');
    }

    // Trading

    /// @notice Asks a price; zero takes the work off the market.
    function ask(uint256 tokenId, uint256 price) external {
        Work storage work = _work(tokenId);
        if (msg.sender != work.holder) revert NotHolder();
        work.price = price;
        emit PriceAsked(tokenId, msg.sender, price);
    }

    /// @notice Pays the asked price, at most `limit`, out of the caller's allowance for this contract.
    function buy(uint256 tokenId, uint256 limit) external {
        // Check
        Work storage work = _work(tokenId);
        uint256 price = work.price;
        address seller = work.holder;
        if (price == 0) revert NotForSale(tokenId);
        if (price > limit) revert PriceAbove(price, limit);
        // Effect
        uint256 royalty = seller == artist ? 0 : price * ROYALTY_BPS / 10_000;
        _move(tokenId, seller, msg.sender);
        emit Sold(tokenId, seller, msg.sender, price, royalty);
        // Interaction
        _pay(msg.sender, seller, price - royalty);
        if (royalty != 0) _pay(msg.sender, artist, royalty);
    }

    // ERC-721

    function balanceOf(address holder) external view returns (uint256) {
        if (holder == address(0)) revert ZeroReceiver();
        return _held[holder];
    }

    function ownerOf(uint256 tokenId) public view returns (address) {
        return _work(tokenId).holder;
    }

    function getApproved(uint256 tokenId) external view returns (address) {
        return _work(tokenId).approved;
    }

    function approve(address spender, uint256 tokenId) external {
        Work storage work = _work(tokenId);
        if (msg.sender != work.holder && !isApprovedForAll[work.holder][msg.sender]) revert NotAllowed();
        work.approved = spender;
        emit Approval(work.holder, spender, tokenId);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }

    function transferFrom(address from, address to, uint256 tokenId) public {
        Work storage work = _work(tokenId);
        if (from != work.holder) revert NotHolder();
        if (msg.sender != from && msg.sender != work.approved && !isApprovedForAll[from][msg.sender]) {
            revert NotAllowed();
        }
        _move(tokenId, from, to);
    }

    function safeTransferFrom(address from, address to, uint256 tokenId) external {
        safeTransferFrom(from, to, tokenId, "");
    }

    function safeTransferFrom(address from, address to, uint256 tokenId, bytes memory data) public {
        transferFrom(from, to, tokenId);
        if (to.code.length == 0) return;
        bytes4 answer = ITokenReceiver(to).onERC721Received(msg.sender, from, tokenId, data);
        if (answer != ITokenReceiver.onERC721Received.selector) revert ReceiverRejected();
    }

    function supportsInterface(bytes4 interfaceId) external pure returns (bool) {
        return interfaceId == 0x01ffc9a7 || interfaceId == 0x80ac58cd || interfaceId == 0x5b5e139f;
    }

    // Inside

    function _work(uint256 tokenId) private view returns (Work storage work) {
        work = _works[tokenId];
        if (work.holder == address(0)) revert UnknownWork(tokenId);
    }

    /// A work that changes hands is no longer for sale and nobody's approval outlives its holder.
    function _move(uint256 tokenId, address from, address to) private {
        if (to == address(0)) revert ZeroReceiver();
        Work storage work = _works[tokenId];
        work.holder = to;
        work.approved = address(0);
        work.price = 0;
        _held[from]--;
        _held[to]++;
        emit Transfer(from, to, tokenId);
    }

    function _pay(address from, address to, uint256 value) private {
        if (!ISaleMoney(money).transferFrom(from, to, value)) revert PaymentFailed();
    }

    /// Titles go into JSON unchanged, so quotes, backslashes and control characters are not allowed.
    function _plain(bytes calldata title) private pure returns (bool) {
        if (title.length == 0 || title.length > MAX_TITLE_BYTES) return false;
        for (uint256 i = 0; i < title.length; i++) {
            bytes1 c = title[i];
            if (c < 0x20 || c == 0x22 || c == 0x5c) return false;
        }
        return true;
    }
}
