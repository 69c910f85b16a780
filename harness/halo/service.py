"""`halo service`: daemons that belong to the operating system, not to the terminal or gateway that asked.

systemd's user manager on Linux, launchd on macOS. What is run is exactly `halo <role> <args>`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.errors import HarnessError
from harness.halo.chosen import environment
from harness.halo.daemons import holder
from harness.halo.detach import python_path
from harness.halo.home import Home, Role
from harness.halo.passphrases import VARIABLE
from harness.halo.private import private_folder, read_private, write_atomically
from harness.halo.units import (
    environment_file,
    launchd_agent,
    read_environment_file,
    systemd_unit,
    unit_path,
)

PASSED_ON = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE")
HALO_VARIABLES = (
    "HALO_HOME", "HALO_KEYSTORE_PATH", "HALO_RELAY_URL", "HALO_INDEXER_URL", "HALO_FACILITATOR_URL",
    "BASE_RPC_URL", "HALO_MAX_RECONNECT_ATTEMPTS", "FACETWORKS_CHAIN", "FACETWORKS_STATE",
)  # fmt: skip
SECONDS = 30.0
_SECRET_FLAGS = ("--api-key", "--budget-token")


@dataclass(frozen=True)
class State:
    """`pid` is None where it does not run; `detail` is what the system says then."""

    installed: bool
    pid: int | None
    detail: str


class Service:
    """One role's service on this machine."""

    def __init__(
        self,
        role: Role,
        home: Home,
        system: str = sys.platform,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        self.role = role
        self._home = home
        self._system = system
        self._environ = environment(environ)
        self.path = unit_path(role, system)

    @property
    def name(self) -> str:
        return f"com.halo-{self.role}" if self._system == "darwin" else f"halo-{self.role}.service"

    def text(self, args: Sequence[str]) -> str:
        """The unit. HarnessError for arguments that cannot be in one, secrets among them."""
        _refuse_secrets(args)
        command = [sys.executable, "-m", "harness.cli.halo", self.role, *args]
        make = launchd_agent if self._system == "darwin" else systemd_unit
        try:
            return make(self.role, command, self._home, self._variables())
        except ValueError as bad:
            raise HarnessError(str(bad)) from None

    def install(self, args: Sequence[str], secrets: Mapping[str, str]) -> list[str]:
        """Write the unit and start it; what was done. The same call again updates it and restarts."""
        text = self.text(args)
        private_folder(self._home.root)
        done = []
        if secrets:
            path = self._home.service_env
            present = read_environment_file(read_private(path)) if path.exists() else {}
            write_atomically(path, environment_file({**present, **secrets}))
            done.append(f"secrets: {path} (0600)")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        for output in (self._home.errors(self.role), self._home.log(self.role)):
            os.close(os.open(output, os.O_CREAT | os.O_WRONLY | os.O_NOFOLLOW, 0o600))
        write_atomically(self.path, text, 0o600)
        done.append(f"unit: {self.path}")
        if self._system == "darwin":
            self._run(["launchctl", "bootout", self._domain()], allowed=True)
            self._run(["launchctl", "bootstrap", f"gui/{os.getuid()}", str(self.path)])
        else:
            self._run(["systemctl", "--user", "daemon-reload"])
            self._run(["systemctl", "--user", "enable", self.name])
            self._run(["systemctl", "--user", "restart", self.name])
            if not self._lingers():
                done.append("to keep it running after you log out: loginctl enable-linger")
        done.append(f"started: {self.name}")
        return done

    def uninstall(self) -> bool:
        """Stop it and take the unit away; False when there was none."""
        if not self.path.exists():
            return False
        if self._system == "darwin":
            self._run(["launchctl", "bootout", self._domain()], allowed=True)
        else:
            self._run(["systemctl", "--user", "disable", "--now", self.name], allowed=True)
        self.path.unlink()
        if self._system != "darwin":
            self._run(["systemctl", "--user", "daemon-reload"])
        return True

    def state(self) -> State:
        """What the system says; a process counts only when it lives."""
        if not self.path.exists():
            return State(False, holder(self._home, self.role), "not installed")
        if self._system == "darwin":
            return self._launchd_state()
        names = ("MainPID", "ActiveState", "SubState", "Result", "ExecMainStatus", "NRestarts")
        said = self._run(
            ["systemctl", "--user", "show", self.name, f"--property={','.join(names)}"]
        )
        found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        pid = int(found.get("MainPID") or 0) or None
        detail = (
            f"{found.get('ActiveState', 'unknown')} ({found.get('SubState', 'unknown')}), "
            f"{found.get('NRestarts') or 0} restarts, last exit status {found.get('ExecMainStatus') or 0}"
        )
        return State(True, pid, detail)

    def _launchd_state(self) -> State:
        said = self._run(["launchctl", "print", self._domain()], allowed=True)
        found: dict[str, str] = {}
        for line in said.splitlines():
            name, equals, value = line.strip().partition(" = ")
            if equals:
                found.setdefault(name, value)
        pid = found.get("pid", "")
        status = found.get("last exit code", "unknown")
        return State(True, int(pid) if pid.isdigit() else None, f"last exit status {status}")

    def _domain(self) -> str:
        return f"gui/{os.getuid()}/{self.name}"

    def _variables(self) -> dict[str, str]:
        """What the daemon must know of this environment; a service starts with next to none."""
        named = [*HALO_VARIABLES, *PASSED_ON, *(name.lower() for name in PASSED_ON)]
        return {
            "HOME": str(Path.home()),
            "PATH": self._environ.get("PATH", os.defpath),
            "PYTHONPATH": python_path(),
            "HALO_SERVICE": "1",
            **{name: self._environ[name] for name in named if self._environ.get(name)},
        }

    def _lingers(self) -> bool:
        if shutil.which("loginctl") is None:
            return True
        said = self._run(
            ["loginctl", "show-user", str(os.getuid()), "--property=Linger"], allowed=True
        )
        return "Linger=no" not in said

    def _run(self, words: Sequence[str], allowed: bool = False) -> str:
        """Standard output; HarnessError with what the tool said, unless it may fail."""
        try:
            done = subprocess.run(
                words,
                capture_output=True,
                text=True,
                timeout=SECONDS,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        except FileNotFoundError:
            raise HarnessError(
                f"{words[0]} is not installed; keep it running another way: halo {self.role}"
                f"{' --detach' if self.role == 'consume' else ''}"
            ) from None
        except subprocess.TimeoutExpired:
            raise HarnessError(f"{' '.join(words)} did not end within {SECONDS:.0f} s") from None
        if done.returncode and not allowed:
            said = " ".join((done.stderr or done.stdout).split())[:300]
            raise HarnessError(
                f"{' '.join(words)} failed ({done.returncode}): {said or 'no reason given'}; "
                "is there a user manager? (loginctl enable-linger)"
            )
        return done.stdout


def passphrase_for_service(unattended: bool, environ: Mapping[str, str]) -> dict[str, str]:
    """What goes to service.env; HarnessError when the daemon could never open its wallet."""
    if unattended:
        return {}
    if VARIABLE not in environ:
        raise HarnessError(
            f"a service cannot be asked for the wallet's passphrase; set {VARIABLE} for this command "
            "(it is kept in a private file), or use an unattended wallet"
        )
    return {VARIABLE: environ[VARIABLE]}


def _refuse_secrets(args: Sequence[str]) -> None:
    """A unit can be read by backups and other tools: secrets are named in it, not written."""
    for position, word in enumerate(args):
        flag, equals, value = word.partition("=")
        if flag in _SECRET_FLAGS:
            given = value if equals else (args[position + 1] if position + 1 < len(args) else "")
            if not given.startswith("env:"):
                raise HarnessError(
                    f"{flag} would stand in the unit for all to read; write {flag} env:NAME and give the "
                    "value in the variable NAME when installing"
                )


def named_secrets(args: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    """Values of the variables that `env:NAME` arguments name."""
    found = {}
    for word in args:
        _, marked, name = word.rpartition("env:")
        if marked and name:
            if name not in environ:
                raise HarnessError(f"the variable {name} is not set; set it for this command")
            found[name] = environ[name]
    return found
