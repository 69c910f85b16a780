"""Clients of our own services over HTTP: strict about what they are told, quiet about secrets."""
