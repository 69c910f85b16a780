"""The shape of the house: import directions, file sizes, docs that agree with code."""
