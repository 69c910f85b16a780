"""ape's connected network and accounts behind our own seams: a Transport and a Signer."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from harness.chain.anvil import AnvilChain
from harness.chain.errors import NodeError
from harness.chain.node import NodeChain
from harness.chain.transaction import Transaction
from harness.errors import ConfigError
from harness.protocol.addresses import Address, to_address


class ApeTransport:
    """JSON-RPC through the provider that ape has connected, in-process chains included."""

    def __init__(self, provider: Any) -> None:
        self._web3 = provider.web3

    def request(self, method: str, params: Sequence[Any] = ()) -> Any:
        from eth_tester.exceptions import ValidationError as TesterValidationError
        from eth_utils.exceptions import ValidationError
        from web3.exceptions import (
            ContractLogicError,
            MethodUnavailable,
            Web3Exception,
            Web3RPCError,
        )

        try:
            answer = self._web3.manager.request_blocking(method, list(params))
        except ContractLogicError as reverted:
            raise NodeError(str(reverted.message), 3, reverted.data) from None
        except MethodUnavailable as missing:
            raise NodeError(str(missing), -32601) from None
        except Web3RPCError as refused:
            error = dict((refused.rpc_response or {}).get("error") or {})
            message = str(error.get("message") or refused.message)
            raise NodeError(message, error.get("code", -32000), error.get("data")) from None
        except (ValidationError, TesterValidationError) as refused:
            raise NodeError(str(refused), -32000) from None
        except Web3Exception as failed:
            if "not found" in str(failed).lower():
                return None
            raise NodeError(str(failed)) from None
        return _as_json(answer)


class ApeSigner:
    """An ape account; asks for a passphrase as ape does, or not at all when unattended."""

    def __init__(self, account: Any) -> None:
        self._account = account
        if os.environ.get("FACETWORKS_UNATTENDED") and hasattr(account, "set_autosign"):
            variable = f"APE_ACCOUNTS_{account.alias}_PASSPHRASE"
            if variable not in os.environ:
                raise ConfigError(f"FACETWORKS_UNATTENDED needs {variable}")
            account.set_autosign(True, passphrase=os.environ[variable])

    @property
    def address(self) -> Address:
        return to_address(str(self._account.address))

    def sign_transaction(self, transaction: Transaction) -> bytes:
        fields: dict[str, Any] = {
            "type": 2,
            "chainId": transaction.chain_id,
            "from": self.address,
            "nonce": transaction.nonce,
            "value": transaction.value,
            "data": transaction.data,
            "gas": transaction.gas,
            "maxFeePerGas": transaction.max_fee,
            "maxPriorityFeePerGas": transaction.priority_fee,
        }
        if transaction.to is not None:
            fields["to"] = transaction.to
        ecosystem = self._account.provider.network.ecosystem
        signed = self._account.sign_transaction(ecosystem.create_transaction(**fields))
        if signed is None:
            raise ConfigError(f"{self.address} did not sign")
        return bytes(signed.serialize_transaction())

    def sign_digest(self, digest: bytes) -> bytes:
        signature = self._account.sign_raw_msghash(digest)
        if signature is None:
            raise ConfigError(f"{self.address} did not sign")
        # ape drops leading zeros of r and s, which one signature in 128 has
        r, s = (bytes(part).rjust(32, b"\0") for part in (signature.r, signature.s))
        return r + s + bytes([signature.v])


def connected_chain(provider: Any) -> NodeChain:
    """The connected network; one whose node is anvil can also be moved through time."""
    _keep_project_importable()
    transport = ApeTransport(provider)
    version = str(getattr(provider.web3, "client_version", ""))
    return AnvilChain(transport) if "anvil" in version.lower() else NodeChain(transport)


def _keep_project_importable() -> None:
    """ape takes the project off the path before a command runs, and some imports wait until then."""
    root = str(Path(__file__).resolve().parents[1])
    if root not in sys.path:
        sys.path.append(root)


def ends_with_the_command(provider: Any) -> bool:
    """Whether nobody can see this network after the command: py-evm, or an anvil that ape started."""
    return provider.name == "test" or getattr(provider, "process", None) is not None


def _as_json(value: Any) -> Any:
    """What middleware made of an answer -> what a node would have sent."""
    if isinstance(value, Mapping):
        return {str(name): _as_json(member) for name, member in value.items()}
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return hex(value)
    if isinstance(value, Sequence):
        return [_as_json(member) for member in value]
    return value
