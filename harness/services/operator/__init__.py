"""The operator: serves paid inference over an outbound WebSocket and collects what it is owed."""
