"""Facts about the machine: opcodes, words, the hash."""
