"""Wrong usage that only shows when flags meet what is already there."""

from __future__ import annotations

from harness.errors import HarnessError


class WrongUsage(HarnessError):
    """The command line asks for what cannot be; the message says what to write instead."""

    exit_code = 2
