"""Confidential mode: an enclave's evidence checked, prompts encrypted to it, its replies verified."""
