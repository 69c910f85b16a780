"""Commands: parse, one call into the library, print. Heavy imports wait until a command runs."""
