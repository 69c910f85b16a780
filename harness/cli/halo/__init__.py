"""The `halo` command: one file per command, each a window on `harness.halo`."""
