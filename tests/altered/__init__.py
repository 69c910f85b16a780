"""Sources with a few words changed, through both compilers."""
