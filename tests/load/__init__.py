"""The market under load: many clients at once, and afterwards every book compared with the chain."""
