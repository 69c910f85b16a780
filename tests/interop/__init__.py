"""Other people's clients and checkers against a market of ours, each as its users run it."""
