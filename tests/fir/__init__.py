"""FIR run as it is written: a second oracle beside the reference compiler, and what is built on it."""
