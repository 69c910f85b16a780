"""Where an operator's answers come from: model providers, their prices, and the wire shapes they speak."""
