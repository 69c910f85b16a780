"""FIR: the intermediate form between the language and the machine."""
