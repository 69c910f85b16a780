"""What every HTTP server of the harness does alike: bodies, hosts, limits, errors, running."""
