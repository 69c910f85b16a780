"""A minute in the life of an economy of agents, told on a terminal, on a chain in this process."""
