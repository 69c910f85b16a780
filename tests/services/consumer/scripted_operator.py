"""An operator of the scripted market: its key, its prices, its books, and how it misbehaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from harness.chain.keys import LocalSigner
from harness.protocol.frames import pubkey_message
from harness.protocol.personal import personal_sign
from harness.protocol.sealed import OperatorKey

MODEL = "mock-echo"
PRICE = Decimal("0.01")  # USD for a thousand tokens
CHECKPOINT = 16  # tokens between receipts of a stream


@dataclass
class Switches:
    """Honest by default."""

    doubling: bool = False  # each gate wants twice what the last one wanted
    wants: int = 0  # the first gate of a request wants so much
    lying: int = 1  # usage and claims are so many times what they are
    payee: str | None = None  # paid at another address
    asset: str | None = None  # in another token
    network: str | None = None
    strip_key: bool = False  # the relay takes the encryption key away
    swap_key: bool = False  # or puts in its own
    silent: bool = False  # the request is taken and never answered
    dies: bool = False  # the connection breaks instead of an answer
    reroute: bool = False  # the relay lets another operator answer
    forge_text: bool = False  # the model writes a settlement
    plaintext_reply: bool = False  # the answer comes unsealed
    no_usage: bool = False
    no_settlement: bool = False
    settles: bool = True  # exact: claims to have settled without doing it when False
    withhold: bool = False  # exact: settles, then the answer is lost
    free: bool = False
    quote_factor: int = 1
    fail_status: int = 0
    fail_body: dict[str, Any] = field(default_factory=dict)
    refuse_receipts: bool = False
    redeems: bool = False  # redeem each receipt at once
    gap: bool = False  # a chunk of a stream is left out
    cut_after: int = 0  # a stream ends without its end after so many chunks
    finishes: bool = False  # such a stream is finished and kept for its key
    window: int = 10**12
    pause: float = 0.0  # between chunks
    delay: float = 0.0  # before an answer
    tool_call: bool = False
    no_funds: bool = False
    reply: str = ""
    enclave: str = ""  # an enclave's base URL: what it answers is passed on as it is
    tampers: bool = False  # with the enclave's reply


@dataclass
class ScriptedOperator:
    """One operator: key, prices, books."""

    signer: LocalSigner = field(default_factory=LocalSigner.generate)
    key: OperatorKey = field(default_factory=OperatorKey.generate)
    price: Decimal = PRICE
    models: tuple[str, ...] = (MODEL, "mock-tool")
    tee_models: tuple[str, ...] = ()
    vault: bool = True
    streamed: set[str] = field(default_factory=set)  # keys
    finished: dict[str, dict[str, str]] = field(default_factory=dict)  # settlements by key
    # by key: state, base units, cycle
    asked: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    streaming: bool = True
    switches: Switches = field(default_factory=Switches)
    served: dict[tuple[str, int], int] = field(default_factory=dict)
    inflight: dict[tuple[str, int], int] = field(default_factory=dict)
    receipts: list[tuple[str, int, int]] = field(
        default_factory=list
    )  # consumer, cycle, cumulative
    held: dict[tuple[str, int], int] = field(default_factory=dict)
    prompts: list[dict[str, Any]] = field(default_factory=list)
    replies: dict[str, tuple[Any, dict[str, str]]] = field(default_factory=dict)
    calls: int = 0
    aborted: int = 0
    wanted: int = 0

    @property
    def address(self) -> str:
        return self.signer.address

    def announcement(self) -> dict[str, Any]:
        message = pubkey_message(self.address, self.key.public_hex)
        found = {
            "address": self.address,
            "label": "scripted",
            "models": list(self.models),
            "teeModels": list(self.tee_models),
            "pricing": {model: str(self.price) for model in self.models},
            "vaultPayments": self.vault,
            "streaming": self.streaming,
            "streamReceipts": self.streaming,
            "encryptionPubkey": self.key.public_hex,
            "pubkeyAttestation": personal_sign(self.signer, message),
        }
        if self.switches.strip_key:
            del found["encryptionPubkey"]
        if self.switches.swap_key:
            found["encryptionPubkey"] = OperatorKey.generate().public_hex
        return found
