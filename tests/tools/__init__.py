"""Tools that people use with solc, unmodified, with our compiler in its place."""
