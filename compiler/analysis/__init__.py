"""Facts about FIR: computed, never changed by anything in this room."""
