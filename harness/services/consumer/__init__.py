"""The consumer sidecar: a local OpenAI-compatible endpoint that pays for each request from a wallet."""
