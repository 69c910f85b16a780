"""`python -m harness.demo`."""

from harness.cli.exits import leave
from harness.cli.facetworks.demo import demo

leave(demo, "python -m harness.demo")
