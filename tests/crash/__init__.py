"""Processes that die at the worst moments, and the books that must balance afterwards."""
