"""FIR to bytes: stack schedule, block layout, assembly, bytecode."""
