"""AgentReputationFacet: what clients say about agents (ERC-8004)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function appendResponse(uint256 agentId, address clientAddress, uint64 feedbackIndex, string responseURI, bytes32 responseHash)
function getClients(uint256 agentId) view returns (address[])
function getClientsPage(uint256 agentId, uint256 startAfter, uint256 limit) view returns (address[] clients, uint256 nextCursor)
function getIdentityRegistry() view returns (address)
function getLastIndex(uint256 agentId, address clientAddress) view returns (uint64)
function getResponseCount(uint256 agentId, address clientAddress, uint64 feedbackIndex, address[] responders) view returns (uint64 count)
function getSummary(uint256 agentId, address[] clientAddresses, string tag1, string tag2) view returns (uint64 count, int128 summaryValue, uint8 summaryValueDecimals)
function giveFeedback(uint256 agentId, int128 value, uint8 valueDecimals, string tag1, string tag2, string endpoint, string feedbackURI, bytes32 feedbackHash)
function initialize(address identityRegistry)
function readAllFeedback(uint256 agentId, address[] clientAddresses, string tag1, string tag2, bool includeRevoked) view returns (address[] clients, uint64[] feedbackIndexes, int128[] values, uint8[] valueDecimals, string[] tag1s, string[] tag2s, bool[] revokedStatuses)
function readFeedback(uint256 agentId, address clientAddress, uint64 feedbackIndex) view returns (int128 value, uint8 valueDecimals, string tag1, string tag2, bool isRevoked)
function readFeedbackPage(uint256 agentId, address clientAddress, uint256 startAfter, uint256 limit) view returns (int128[] values, uint8[] valueDecimals, string[] tag1s, string[] tag2s, bool[] revokedStatuses, uint256 nextCursor)
function revokeFeedback(uint256 agentId, uint64 feedbackIndex)
event FeedbackRevoked(uint256 indexed agentId, address indexed clientAddress, uint64 indexed feedbackIndex)
event NewFeedback(uint256 indexed agentId, address indexed clientAddress, uint64 feedbackIndex, int128 value, uint8 valueDecimals, string indexed indexedTag1, string tag1, string tag2, string endpoint, string feedbackURI, bytes32 feedbackHash)
event ResponseAppended(uint256 indexed agentId, address indexed clientAddress, uint64 feedbackIndex, address indexed responder, string responseURI, bytes32 responseHash)
error AlreadyRevoked()
error BadDecimals()
error EmptyResponse()
error NoClients()
error SelfFeedback()
error UnknownFeedback()
error ValueOutOfRange()
"""
)


class GivenFeedback(NamedTuple):
    """`value` has `decimals` decimals: 9977 with 2 is 99.77. `number` counts a client's own, from 1."""

    client: Address
    number: int
    value: int
    decimals: int
    tag1: str
    tag2: str
    revoked: bool


class AgentReputation(ContractClient):
    """Reads of many visit at most 1,000 records and fail with ReadTooLarge rather than answer for a part."""

    INTERFACE = INTERFACE

    def append_response(
        self,
        agent: int,
        client: Address,
        index: int,
        uri: str,
        digest: bytes = b"\0" * 32,
        *,
        key: str | None = None,
    ) -> Receipt:
        """Anybody, to anybody's feedback; `digest` is the keccak of what is at `uri`."""
        return self.write("appendResponse", agent, client, index, uri, digest, key=key)

    def get_clients(self, agent: int) -> tuple[Address, ...]:
        return tuple(self.read("getClients", agent))

    def get_clients_page(
        self, agent: int, start_after: int, limit: int
    ) -> tuple[tuple[Address, ...], int]:
        clients, next_cursor = self.read("getClientsPage", agent, start_after, limit)
        return clients, next_cursor

    def get_identity_registry(self) -> Address:
        """The Diamond itself."""
        return str(self.read("getIdentityRegistry"))

    def get_last_index(self, agent: int, client: Address) -> int:
        return int(self.read("getLastIndex", agent, client))

    def get_response_count(
        self, agent: int, client: Address, index: int, responders: Sequence[Address] = ()
    ) -> int:
        """Client zero is all clients, index 0 all of a client; no responders are all."""
        return int(self.read("getResponseCount", agent, client, index, list(responders)))

    def get_summary(
        self, agent: int, clients: Sequence[Address], tag1: str = "", tag2: str = ""
    ) -> tuple[int, int, int]:
        """Count, mean and the mean's decimals, over the clients whom the reader trusts."""
        count, value, decimals = self.read("getSummary", agent, list(clients), tag1, tag2)
        return count, value, decimals

    def give_feedback(
        self,
        agent: int,
        value: int,
        decimals: int = 0,
        tag1: str = "",
        tag2: str = "",
        endpoint: str = "",
        uri: str = "",
        digest: bytes = b"\0" * 32,
        *,
        key: str | None = None,
    ) -> int:
        """The sender's own index of it."""
        receipt = self.write(
            "giveFeedback", agent, value, decimals, tag1, tag2, endpoint, uri, digest, key=key
        )
        return int(self.event(receipt, "NewFeedback")["feedbackIndex"])

    def initialize(self, registry: Address) -> None:
        """Always AlreadyInitialised: the registries are one Diamond."""
        self.read("initialize", registry)

    def read_all_feedback(
        self,
        agent: int,
        clients: Sequence[Address] = (),
        tag1: str = "",
        tag2: str = "",
        include_revoked: bool = False,
    ) -> tuple[GivenFeedback, ...]:
        """Of these clients, or of all."""
        columns = self.read("readAllFeedback", agent, list(clients), tag1, tag2, include_revoked)
        return tuple(GivenFeedback(*row) for row in zip(*columns, strict=True))

    def read_feedback(self, agent: int, client: Address, index: int) -> GivenFeedback:
        return GivenFeedback(client, index, *self.read("readFeedback", agent, client, index))

    def read_feedback_page(
        self, agent: int, client: Address, start_after: int, limit: int
    ) -> tuple[tuple[GivenFeedback, ...], int]:
        """One client's, revoked ones included, and the next cursor."""
        *columns, next_cursor = self.read("readFeedbackPage", agent, client, start_after, limit)
        rows = enumerate(zip(*columns, strict=True), start_after + 1)
        return tuple(GivenFeedback(client, n, *row) for n, row in rows), next_cursor

    def revoke_feedback(self, agent: int, index: int, *, key: str | None = None) -> Receipt:
        """The sender's own, for good."""
        return self.write("revokeFeedback", agent, index, key=key)
