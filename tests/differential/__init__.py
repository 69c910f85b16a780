"""The same source through the reference compiler and through ours, and the same calls to both."""
