// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// What a sale needs of a collection: ERC-721, and the artist to whom a share of resales goes.
interface ICollection {
    function artist() external view returns (address);
    function ownerOf(uint256 tokenId) external view returns (address);
    function transferFrom(address from, address to, uint256 tokenId) external;
}

/// What a sale needs of the money (ERC-20).
interface ISaleMoney {
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// @title Sells works of any collection whose holders approve this contract
/// @notice Whoever holds a work asks a price for it; whoever pays the price holds it. A resale pays the artist a share.
/// Prices are in base units of one token. Works and money move between the parties and are never held here.
contract Gallery {
    /// @dev Counts only while `seller` still holds the work.
    struct Ask {
        address seller;
        uint256 price;
    }

    event PriceAsked(address indexed collection, uint256 indexed tokenId, address indexed seller, uint256 price);
    event Sold(
        address indexed collection,
        uint256 indexed tokenId,
        address indexed seller,
        address buyer,
        uint256 price,
        uint256 royalty
    );

    error NotHolder();
    error NotForSale(address collection, uint256 tokenId);
    /// @notice The price rose above what the buyer was ready to pay.
    error PriceAbove(uint256 price, uint256 limit);
    error PaymentFailed();
    /// @notice The collection answered the sale by calling back, or did not hand the work over.
    error SaleFailed();

    uint256 public constant ROYALTY_BPS = 500;

    ISaleMoney public immutable money;

    mapping(address collection => mapping(uint256 tokenId => Ask)) private _asks;
    bool private _selling;

    constructor(address money_) {
        money = ISaleMoney(money_);
    }

    /// @return Zero when the work is not for sale.
    function priceOf(address collection, uint256 tokenId) public view returns (uint256) {
        Ask storage asked = _asks[collection][tokenId];
        if (asked.price == 0 || ICollection(collection).ownerOf(tokenId) != asked.seller) return 0;
        return asked.price;
    }

    /// @notice Asks a price; zero takes the work off the market.
    function ask(address collection, uint256 tokenId, uint256 price) external {
        if (ICollection(collection).ownerOf(tokenId) != msg.sender) revert NotHolder();
        _asks[collection][tokenId] = Ask(msg.sender, price);
        emit PriceAsked(collection, tokenId, msg.sender, price);
    }

    /// @notice Pays the asked price, at most `limit`, out of the caller's allowance for this contract.
    function buy(address collection, uint256 tokenId, uint256 limit) external {
        // Check
        if (_selling) revert SaleFailed();
        uint256 price = priceOf(collection, tokenId);
        address seller = _asks[collection][tokenId].seller;
        if (price == 0) revert NotForSale(collection, tokenId);
        if (price > limit) revert PriceAbove(price, limit);
        address artist = ICollection(collection).artist();
        uint256 royalty = seller == artist ? 0 : price * ROYALTY_BPS / 10_000;
        // Effect
        _selling = true;
        delete _asks[collection][tokenId];
        emit Sold(collection, tokenId, seller, msg.sender, price, royalty);
        // Interaction: a collection that does not hand the work over undoes the payments
        _pay(seller, price - royalty);
        if (royalty != 0) _pay(artist, royalty);
        ICollection(collection).transferFrom(seller, msg.sender, tokenId);
        if (ICollection(collection).ownerOf(tokenId) != msg.sender) revert SaleFailed();
        _selling = false;
    }

    function _pay(address to, uint256 value) private {
        if (!money.transferFrom(msg.sender, to, value)) revert PaymentFailed();
    }
}
