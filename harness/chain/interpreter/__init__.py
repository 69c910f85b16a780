"""py-evm with a quicker interpreter: the same library, state and rules, another loop over the code.

`computation.py` is the door: `quick` derives a computation class whose code is run segment by segment.
`segments.py` cuts code into runs of instructions whose gas and stack needs are known before they start;
`code.py` runs them, and hands every other opcode, and every run that would fail, to the library.
`stack.py`, `memory.py` and `context.py` are the instructions themselves; `instructions.py` says how one looks.
"""
