"""FIR to better FIR; one file per pass."""
