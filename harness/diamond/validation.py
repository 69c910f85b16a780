"""ValidationFacet: verdicts about work, with money behind them."""

from __future__ import annotations

from dataclasses import dataclass

from harness.chain.abi import Interface
from harness.chain.records import Receipt
from harness.diamond.client import ContractClient
from harness.protocol.addresses import Address

INTERFACE = Interface.of(
    """
function activeValidationCountOf(address validator) view returns (uint256)
function challengeValidation(uint256 id)
function getValidation(uint256 id) view returns (address validator, address challenger, uint256 subjectTokenId, bytes32 workRef, uint128 stakeWei, uint64 challengeDeadline, uint64 resolveDeadline, uint8 status, bool valid)
function hasValidated(address validator, uint256 subjectTokenId, bytes32 workRef) view returns (bool)
function reclaimStake(uint256 id)
function reclaimUnresolved(uint256 id)
function resolveValidation(uint256 id, bool validatorWins)
function stakeValidation(bytes32 workRef, uint256 subjectTokenId, bool valid, uint256 stakeWei) returns (uint256 id)
function validationCount() view returns (uint256)
function validationResolverOf(uint256 id) view returns (address)
function validationStakedOf(address account) view returns (uint256)
function validationsOf(address validator) view returns (uint256[] ids)
function validationsOfPage(address validator, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
function validationsOfWork(bytes32 workRef) view returns (uint256[] ids)
function validationsOfWorkPage(bytes32 workRef, uint256 startAfter, uint256 limit) view returns (uint256[] ids, uint256 nextCursor)
event Owed(address indexed token, address indexed to, uint256 amount)
event StakeReclaimed(uint256 indexed id, address indexed validator, uint128 stakeWei)
event ValidationChallenged(uint256 indexed id, address indexed challenger, uint128 stakeWei, uint64 resolveDeadline)
event ValidationDrawn(uint256 indexed id, address indexed validator, address indexed challenger, uint128 stakeWei)
event ValidationResolved(uint256 indexed id, address indexed winner, bool validatorWon, uint128 payoutWei)
event ValidationStaked(uint256 indexed id, address indexed validator, uint256 indexed subjectTokenId, bytes32 workRef, bool valid, uint128 stakeWei, uint64 challengeDeadline)
error AlreadyValidated()
error ChallengeWindowClosed()
error ChallengeWindowStillOpen()
error NotChallenged()
error NotOpen()
error NotResolver()
error ResolveWindowClosed()
error ResolveWindowStillOpen()
error ResolverIsDisputant()
error SelfChallenge()
error SelfValidation()
error StakeCapExceeded()
error TooManyActiveValidations()
error UnknownSubject()
error UnknownValidation()
error ZeroStake()
"""
)


@dataclass(frozen=True)
class Validation:
    """`status`: 0 open, 1 challenged, 2 reclaimed, 3 validator won, 4 challenger won, 5 drawn."""

    validator: Address
    challenger: Address
    identity: int
    work_ref: bytes
    stake_wei: int
    challenge_deadline: int
    resolve_deadline: int
    status: int
    valid: bool


class Validations(ContractClient):
    """Stakes in wei of $LH, times in seconds; a work reference is 32 bytes, a bounty's id or anything else."""

    INTERFACE = INTERFACE

    def active_validation_count_of(self, validator: Address) -> int:
        """Open and challenged ones."""
        return int(self.read("activeValidationCountOf", validator))

    def challenge_validation(self, validation: int, *, key: str | None = None) -> Receipt:
        """Stake as much on the opposite; the Diamond needs an approval. Read the resolver first."""
        return self.write("challengeValidation", validation, key=key)

    def get_validation(self, validation: int) -> Validation:
        return Validation(*self.read("getValidation", validation))

    def has_validated(self, validator: Address, identity: int, work_ref: bytes) -> bool:
        """Whether this validator has ever staked on this identity and this work."""
        return bool(self.read("hasValidated", validator, identity, work_ref))

    def reclaim_stake(self, validation: int, *, key: str | None = None) -> Receipt:
        """Anybody, once nobody can challenge: the stake goes back to the validator."""
        return self.write("reclaimStake", validation, key=key)

    def reclaim_unresolved(self, validation: int, *, key: str | None = None) -> Receipt:
        """Anybody, once the resolver's time has passed: each side gets its own stake."""
        return self.write("reclaimUnresolved", validation, key=key)

    def resolve_validation(
        self, validation: int, validator_wins: bool, *, key: str | None = None
    ) -> Receipt:
        """Resolver only: both stakes to the side that is right."""
        return self.write("resolveValidation", validation, validator_wins, key=key)

    def stake_validation(
        self,
        work_ref: bytes,
        identity: int,
        valid: bool,
        stake_wei: int,
        *,
        key: str | None = None,
    ) -> int:
        """Stake on a verdict; the validation. The Diamond needs an approval."""
        arguments = (work_ref, identity, valid, stake_wei)
        receipt = self.write("stakeValidation", *arguments, key=key)
        return int(self.event(receipt, "ValidationStaked")["id"])

    def validation_count(self) -> int:
        return int(self.read("validationCount"))

    def validation_resolver_of(self, validation: int) -> Address:
        """The poster of the bounty, as noted when it was staked, or the Diamond's owner."""
        return str(self.read("validationResolverOf", validation))

    def validation_staked_of(self, account: Address) -> int:
        """What the account has in stakes now, on either side."""
        return int(self.read("validationStakedOf", account))

    def validations_of(self, validator: Address) -> tuple[int, ...]:
        return tuple(self.read("validationsOf", validator))

    def validations_of_page(
        self, validator: Address, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("validationsOfPage", validator, start_after, limit)
        return ids, next_cursor

    def validations_of_work(self, work_ref: bytes) -> tuple[int, ...]:
        return tuple(self.read("validationsOfWork", work_ref))

    def validations_of_work_page(
        self, work_ref: bytes, start_after: int, limit: int
    ) -> tuple[tuple[int, ...], int]:
        ids, next_cursor = self.read("validationsOfWorkPage", work_ref, start_after, limit)
        return ids, next_cursor
