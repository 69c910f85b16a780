"""Names, types and layout: syntax tree in, typed program out."""
