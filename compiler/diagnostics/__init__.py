"""What the compiler says to people: codes, messages and how they are drawn."""
