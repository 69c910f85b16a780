"""RegistryFacet: names are identities; each has an owner, a price, a persona and other metadata."""

from __future__ import annotations

from collections.abc import Sequence

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function agentCard(uint256 id) view returns (address owner, address tba, string name, uint256 priceWei)
function commitName(bytes32 commitment)
function commitmentOf(bytes32 commitment) view returns (uint256 committedAt)
function idOf(address account) view returns (uint256 id)
function idOfName(string name) view returns (uint256 id)
function isTaken(string name) view returns (bool)
function metadata(uint256 id, bytes32 key) view returns (bytes value)
function nameCommitRequired() view returns (bool)
function nameOfId(uint256 id) view returns (string name)
function nextId() view returns (uint256)
function ownerOfId(uint256 id) view returns (address owner)
function ownerOfName(string name) view returns (address owner)
function register(string name) returns (uint256 id)
function registerCommitted(string name, bytes32 salt) returns (uint256 id)
function registrationCost() view returns (uint256)
function setMetadata(uint256 id, bytes32 key, bytes value)
function setMetadataMany(uint256 id, bytes32[] keys, bytes[] values)
function setNameCommitRequired(bool required)
function setRegistrationCost(uint256 cost)
event MainCleared(address indexed account, uint256 indexed id)
event MainRegistered(address indexed account, uint256 indexed id)
event MetadataSet(uint256 indexed id, bytes32 indexed key, bytes value)
event NameCommitRequiredSet(bool required)
event NameCommitted(bytes32 indexed commitment, address indexed account)
event Registered(uint256 indexed id, address indexed owner, string name)
event RegistrationCostUpdated(uint256 oldCost, uint256 newCost)
event Transfer(address indexed from, address indexed to, uint256 indexed tokenId)
error CommitPending()
error CommitRequired()
error InvalidName()
error NameReserved()
error NameTaken()
error ValueTooLarge()
"""
)


class Registry(ContractClient):
    """Costs in wei of $LH."""

    INTERFACE = INTERFACE

    def agent_card(self, identity: int) -> tuple[Address, Address, str, int]:
        """Owner, token-bound account, name and advertised price in wei, in one read."""
        owner, tba, name, price_wei = self.read("agentCard", identity)
        return owner, tba, name, price_wei

    def commit_name(self, commitment: bytes, *, key: str | None = None) -> Receipt:
        """Announce keccak256(abi.encode(name, sender, salt)) a minute before registering it."""
        return self.write("commitName", commitment, key=key)

    def commitment_of(self, commitment: bytes) -> int:
        return int(self.read("commitmentOf", commitment))

    def id_of(self, account: Address) -> int:
        """The identity an account got last; zero when none."""
        return int(self.read("idOf", account))

    def id_of_name(self, name: str) -> int:
        """Zero when nobody has it."""
        return int(self.read("idOfName", name))

    def is_taken(self, name: str) -> bool:
        return bool(self.read("isTaken", name))

    def metadata(self, identity: int, field: bytes) -> bytes:
        """Empty when unset."""
        return bytes(self.read("metadata", identity, field))

    def name_commit_required(self) -> bool:
        return bool(self.read("nameCommitRequired"))

    def name_of_id(self, identity: int) -> str:
        return str(self.read("nameOfId", identity))

    def next_id(self) -> int:
        return int(self.read("nextId"))

    def owner_of_id(self, identity: int) -> Address:
        return str(self.read("ownerOfId", identity))

    def owner_of_name(self, name: str) -> Address:
        return str(self.read("ownerOfName", name))

    def register(self, name: str, *, key: str | None = None) -> int:
        """Take a name for the sender; the identity. The first one becomes its main identity."""
        receipt = self.write("register", name, key=key)
        return int(self.event(receipt, "Registered")["id"])

    def register_committed(self, name: str, salt: bytes, *, key: str | None = None) -> int:
        receipt = self.write("registerCommitted", name, salt, key=key)
        return int(self.event(receipt, "Registered")["id"])

    def registration_cost(self) -> int:
        return int(self.read("registrationCost"))

    def set_metadata(
        self, identity: int, field: bytes, value: bytes, *, key: str | None = None
    ) -> Receipt:
        return self.write("setMetadata", identity, field, value, key=key)

    def set_metadata_many(
        self,
        identity: int,
        keys: Sequence[bytes],
        values: Sequence[bytes],
        *,
        key: str | None = None,
    ) -> Receipt:
        return self.write("setMetadataMany", identity, keys, values, key=key)

    def set_name_commit_required(self, required: bool, *, key: str | None = None) -> Receipt:
        return self.write("setNameCommitRequired", required, key=key)

    def set_registration_cost(self, cost: int, *, key: str | None = None) -> Receipt:
        return self.write("setRegistrationCost", cost, key=key)
