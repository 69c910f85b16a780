"""Every typed message the Diamond and the tokens accept, at every door that takes it, against everything that is not
its signature. `door.py` says what a door is, `token_doors.py` and `diamond_doors.py` open each of them."""
