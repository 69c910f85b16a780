"""The digests the tests sign are the ones wallets sign."""

from __future__ import annotations

from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.contracts import signing
from tests.contracts.signing import Auth, Key

KEY = Key.named("wallet")
CONTRACT = b"\x11" * 20
FIELDS = {
    "from": "address",
    "to": "address",
    "value": "uint256",
    "validAfter": "uint256",
    "validBefore": "uint256",
    "nonce": "bytes32",
}


def wallet_signature(
    name: str, version: str, primary: str, fields: dict[str, str], message: dict
) -> bytes:
    data = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            primary: [{"name": field, "type": kind} for field, kind in fields.items()],
        },
        "domain": {
            "name": name,
            "version": version,
            "chainId": 31337,
            "verifyingContract": "0x" + CONTRACT.hex(),
        },
        "primaryType": primary,
        "message": message,
    }
    signed = Account.sign_message(encode_typed_data(full_message=data), KEY.private.to_bytes())
    return bytes(signed.signature)


def test_authorisations_match_a_wallet() -> None:
    auth = Auth(KEY.address, b"\x22" * 20, 7, 1, 2**40, signing.nonce(9))
    message = dict(zip(FIELDS, auth, strict=True))
    message["from"], message["to"] = "0x" + auth.sender.hex(), "0x" + auth.to.hex()
    cases = [
        ("localharness-x402", "1", "PaymentAuthorization", signing.PAYMENT),
        ("USD Coin", "2", "TransferWithAuthorization", signing.TRANSFER),
        ("USD Coin", "2", "ReceiveWithAuthorization", signing.RECEIVE),
    ]
    for name, version, primary, type_string in cases:
        separator = signing.separator(name, version, 31337, CONTRACT)
        ours = KEY.sign(signing.auth_digest(separator, type_string, auth))
        assert ours == wallet_signature(name, version, primary, FIELDS, message)


def test_cancellations_and_permits_match_a_wallet() -> None:
    separator = signing.separator("localharness-x402", "1", 31337, CONTRACT)
    ours = KEY.sign(
        signing.cancel_digest(separator, signing.CANCEL_PAYMENT, KEY.address, signing.nonce(3))
    )
    message = {"from": "0x" + KEY.address.hex(), "nonce": signing.nonce(3)}
    fields = {"from": "address", "nonce": "bytes32"}
    assert ours == wallet_signature("localharness-x402", "1", "CancelPayment", fields, message)

    separator = signing.separator("USD Coin", "2", 31337, CONTRACT)
    ours = KEY.sign(signing.permit_digest(separator, KEY.address, CONTRACT, 5, 0, 99))
    permit = {
        "owner": "0x" + KEY.address.hex(),
        "spender": "0x" + CONTRACT.hex(),
        "value": 5,
        "nonce": 0,
        "deadline": 99,
    }
    kinds = {
        "owner": "address",
        "spender": "address",
        "value": "uint256",
        "nonce": "uint256",
        "deadline": "uint256",
    }
    assert ours == wallet_signature("USD Coin", "2", "Permit", kinds, permit)
