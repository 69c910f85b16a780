"""AgentValidationFacet: work checked by a named validator (ERC-8004)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function getAgentValidations(uint256 agentId) view returns (bytes32[] requestHashes)
function getAgentValidationsPage(uint256 agentId, uint256 startAfter, uint256 limit) view returns (bytes32[] requestHashes, uint256 nextCursor)
function getSummary(uint256 agentId, address[] validatorAddresses, string tag) view returns (uint64 count, uint8 averageResponse)
function getValidationStatus(bytes32 requestHash) view returns (address validatorAddress, uint256 agentId, uint8 response, bytes32 responseHash, string tag, uint256 lastUpdate)
function getValidatorRequests(address validatorAddress) view returns (bytes32[] requestHashes)
function getValidatorRequestsPage(address validatorAddress, uint256 startAfter, uint256 limit) view returns (bytes32[] requestHashes, uint256 nextCursor)
function validationRequest(address validatorAddress, uint256 agentId, string requestURI, bytes32 requestHash)
function validationResponse(bytes32 requestHash, uint8 response, string responseURI, bytes32 responseHash, string tag)
event ValidationRequest(address indexed validatorAddress, uint256 indexed agentId, string requestURI, bytes32 indexed requestHash)
event ValidationResponse(address indexed validatorAddress, uint256 indexed agentId, bytes32 indexed requestHash, uint8 response, string responseURI, bytes32 responseHash, string tag)
error BadResponse()
error NotValidator()
error RequestExists()
error UnknownRequest()
"""
)


class ValidationStatus(NamedTuple):
    """`response` is 0 to 100; `last_update` in seconds, of the request itself until it is answered."""

    validator: Address
    agent: int
    response: int
    response_hash: bytes
    tag: str
    last_update: int


class AgentValidation(ContractClient):
    """A request hash can be asked about once: hash something that nobody can guess."""

    INTERFACE = INTERFACE

    def get_agent_validations(self, agent: int) -> tuple[bytes, ...]:
        return tuple(self.read("getAgentValidations", agent))

    def get_agent_validations_page(
        self, agent: int, start_after: int, limit: int
    ) -> tuple[tuple[bytes, ...], int]:
        hashes, next_cursor = self.read("getAgentValidationsPage", agent, start_after, limit)
        return hashes, next_cursor

    def get_summary(
        self, agent: int, validators: Sequence[Address] = (), tag: str = ""
    ) -> tuple[int, int]:
        """Number of answers and their mean, rounded down."""
        count, mean = self.read("getSummary", agent, list(validators), tag)
        return count, mean

    def get_validation_status(self, request: bytes) -> ValidationStatus:
        return ValidationStatus(*self.read("getValidationStatus", request))

    def get_validator_requests(self, validator: Address) -> tuple[bytes, ...]:
        return tuple(self.read("getValidatorRequests", validator))

    def get_validator_requests_page(
        self, validator: Address, start_after: int, limit: int
    ) -> tuple[tuple[bytes, ...], int]:
        hashes, next_cursor = self.read("getValidatorRequestsPage", validator, start_after, limit)
        return hashes, next_cursor

    def validation_request(
        self, validator: Address, agent: int, uri: str, request: bytes, *, key: str | None = None
    ) -> Receipt:
        """`request` is the keccak of what is at `uri`."""
        return self.write("validationRequest", validator, agent, uri, request, key=key)

    def validation_response(
        self,
        request: bytes,
        response: int,
        uri: str = "",
        digest: bytes = b"\0" * 32,
        tag: str = "",
        *,
        key: str | None = None,
    ) -> Receipt:
        """The validator asked only; the last answer counts."""
        return self.write("validationResponse", request, response, uri, digest, tag, key=key)
