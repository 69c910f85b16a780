"""The Diamond seen from Python: built contracts, one typed client per facet, cuts, address book."""
