"""solc's interfaces in front of this compiler: standard JSON, and the command line that tools start as `solc`."""
