"""The digests the tests sign are the ones wallets sign."""

from __future__ import annotations

from eth_account import Account
from eth_account.messages import encode_typed_data

from tests.contracts import signing
from tests.contracts.community.signer import Signer
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


def test_device_links_and_claims_match_a_wallet() -> None:
    device = signing.separator("facetworks-device", "1", 31337, CONTRACT)
    ours = KEY.sign(signing.link_digest(device, CONTRACT, KEY.address, 99))
    kinds = {"identity": "address", "device": "address", "deadline": "uint256"}
    link = {
        "identity": "0x" + CONTRACT.hex(),
        "device": "0x" + KEY.address.hex(),
        "deadline": 99,
    }
    assert ours == wallet_signature("facetworks-device", "1", "LinkDevice", kinds, link)

    codes = signing.separator("facetworks-invite", "1", 31337, CONTRACT)
    kinds = {"codeHash": "bytes32", "recipient": "address", "deadline": "uint256"}
    claim = {
        "codeHash": signing.nonce(5),
        "recipient": "0x" + CONTRACT.hex(),
        "deadline": 99,
    }
    for primary in ("InviteClaim", "RedeemClaim"):
        type_string = signing.INVITE_CLAIM if primary == "InviteClaim" else signing.REDEEM_CLAIM
        digest = signing.claim_digest(codes, type_string, signing.nonce(5), CONTRACT, 99)
        assert KEY.sign(digest) == wallet_signature("facetworks-invite", "1", primary, kinds, claim)


def test_consents_of_agent_wallets_match_a_wallet() -> None:
    separator = signing.separator("ERC8004IdentityRegistry", "1", 31337, CONTRACT)
    ours = KEY.sign(signing.wallet_digest(separator, 7, KEY.address, CONTRACT, 99))
    kinds = {
        "agentId": "uint256",
        "newWallet": "address",
        "owner": "address",
        "deadline": "uint256",
    }
    message = {
        "agentId": 7,
        "newWallet": "0x" + KEY.address.hex(),
        "owner": "0x" + CONTRACT.hex(),
        "deadline": 99,
    }
    args = ("ERC8004IdentityRegistry", "1", "AgentWalletSet", kinds, message)
    assert ours == wallet_signature(*args)


def test_announcements_and_leaves_match_a_wallet() -> None:
    class Chain:
        chain_id = 31337

    class Economy:
        evm, diamond, now, keys = Chain(), CONTRACT, 1_234, {"alice": KEY}

    signer = Signer(Economy())  # type: ignore[arg-type]
    kinds = {"topic": "bytes32", "owner": "address", "ephemeral": "address"}
    message: dict[str, object] = {
        "topic": signer.topic,
        "owner": "0x" + KEY.address.hex(),
        "ephemeral": "0x" + signer.key("peer").address.hex(),
        "time": 1_234,
    }
    left = signer.leave("peer", signer=KEY)[3]
    kinds_left = kinds | {"time": "uint64"}
    assert left[:8] == (1_234).to_bytes(8, "big")
    assert left[8:] == wallet_signature("facetworks-signaling", "1", "Leave", kinds_left, message)
    announced = signer.announce("peer", pubkey=b"key", signer=KEY)[4]
    kinds_in = kinds | {"pubkey": "bytes", "time": "uint64"}
    assert announced[8:] == wallet_signature(
        "facetworks-signaling", "1", "Announce", kinds_in, message | {"pubkey": b"key"}
    )
