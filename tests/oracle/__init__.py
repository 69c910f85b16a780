"""The reference compiler as a test oracle; never on the compile path."""
