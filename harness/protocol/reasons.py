"""Reason codes of the x402 wire that we answer: the standard's words, and ours with our prefix."""

from __future__ import annotations

# The standard's and the reference SDK's.
INVALID_VERSION = "invalid_x402_version"
INVALID_PAYLOAD = "invalid_payload"
INVALID_REQUIREMENTS = "invalid_payment_requirements"
INVALID_NETWORK = "invalid_network"
NETWORK_MISMATCH = "network_mismatch"
UNSUPPORTED_SCHEME = "unsupported_scheme"
MISSING_DOMAIN = "missing_eip712_domain"
ASSET_HAS_NO_CODE = "asset_not_deployed_contract"
BAD_SIGNATURE = "invalid_exact_evm_payload_signature"
RECIPIENT_MISMATCH = "invalid_exact_evm_payload_recipient_mismatch"
VALUE_MISMATCH = "invalid_exact_evm_payload_authorization_value_mismatch"
NOT_YET_VALID = "invalid_exact_evm_payload_authorization_valid_after"
EXPIRED = "invalid_exact_evm_payload_authorization_valid_before"
INSUFFICIENT_BALANCE = "invalid_exact_evm_insufficient_balance"
NONCE_USED = "invalid_exact_evm_nonce_already_used"
SIMULATION_FAILED = "invalid_exact_evm_transaction_simulation_failed"
EVENT_MISMATCH = "invalid_exact_evm_transfer_event_mismatch"
AMOUNT_EXCEEDED = "invalid_upto_evm_payload_settlement_exceeds_amount"
TRANSACTION_FAILED = "transaction_failed"
INVALID_TRANSACTION_STATE = "invalid_transaction_state"
SETTLEMENT_PENDING = "settlement_pending"
UNEXPECTED_VERIFY = "unexpected_verify_error"
UNEXPECTED_SETTLE = "unexpected_settle_error"

# Ours.
BELOW_MINIMUM = "below_minimum_settlement"
FACET_UNDERPAY = "x402facet_underpay"
FACET_OVERPAY = "x402facet_overpay"
FACET_ALLOWANCE = "x402facet_allowance_required"
FACET_NONCE_USED = "x402facet_nonce_used"
FACET_BAD_SIGNATURE = "x402facet_bad_signature"
FACET_RECIPIENT_MISMATCH = "x402facet_recipient_mismatch"
FACET_DOMAIN_MISMATCH = "x402facet_domain_mismatch"
VAULT_RESERVATION = "vault_reservation_insufficient"
VAULT_CREDIT_WINDOW = "vault_credit_window_exceeded"
VAULT_SESSION_KEY = "vault_session_key_mismatch"
VAULT_CYCLE = "vault_cycle_stale"
VAULT_IDENTITY = "vault_identity_unverified"

KNOWN = frozenset(
    value for name, value in globals().items() if name.isupper() and isinstance(value, str)
)
