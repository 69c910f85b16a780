"""`facetworks`: operations. Services, the keeper, the Diamond, the demonstration."""
