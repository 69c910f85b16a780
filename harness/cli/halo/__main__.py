"""`python -m harness.cli.halo`, the same as the console script `halo`."""

from harness.cli.halo.main import cli

cli()
