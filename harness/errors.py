"""The exception tree of the harness.

    HarnessError                 something the user can act on; `exit_code` is what a command returns
    ├── ConfigError              a setting, key file or address book is missing or wrong       78
    ├── StateLocked              another process holds the same state                          75
    ├── BuildFailed              the contracts did not compile                                  1
    ├── PlanRefused              a cut or deploy plan must not be applied as it is              8
    └── ChainError               harness.chain.errors
        ├── NodeError            the node did not answer, or answered nonsense                  4
        ├── TransactionRejected  the node refused the bytes                                     5
        ├── ContractError        the call reverted; carries the Solidity error                  5
        ├── ReceiptTimeout       sent, not mined in time; nothing is lost                      75
        ├── TransactionDisplaced its nonce was consumed by bytes signed elsewhere               5
        └── WrongChain           chain id or genesis differs from what was recorded            78

Anything else that escapes is our own bug and shows as a traceback.
"""

from __future__ import annotations


class HarnessError(Exception):
    """Base of all errors with a message meant for the user. Messages are lower-case sentences."""

    exit_code = 1


class ConfigError(HarnessError):
    """A setting, key file or address book is missing or wrong; the message names it."""

    exit_code = 78


class StateLocked(HarnessError):
    """Another process works on the same state directory; the message names the holder."""

    exit_code = 75


class BuildFailed(HarnessError):
    """The contracts did not compile; the message is the compiler's own."""


class PlanRefused(HarnessError):
    """A plan was computed but applying it would break what is deployed."""

    exit_code = 8
