"""`python -m harness.cli.facetworks`, the same as the console script `facetworks`."""

from harness.cli.facetworks.main import cli

cli()
