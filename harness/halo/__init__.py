"""What the `halo` command knows and does, without its command line: home, wallet, settings, facts, payments."""
