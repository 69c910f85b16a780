"""Text to syntax tree; knows nothing of types."""
