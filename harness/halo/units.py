"""The texts by which an operating system keeps a daemon running: a systemd user unit, a launchd agent.

The passphrase is in neither: systemd reads it from a private file, and where the system cannot (launchd)
the daemon does so itself, see `load_secrets`. Arguments come through unchanged, whatever characters they have.
"""

from __future__ import annotations

import plistlib
from collections.abc import Mapping, MutableMapping, Sequence
from pathlib import Path

from harness.halo.home import Home, Role
from harness.halo.private import read_private

RESTART_SECONDS = 2
THROTTLE_SECONDS = 5


def systemd_unit(role: Role, command: Sequence[str], home: Home, environ: Mapping[str, str]) -> str:
    """`halo-<role>.service`. It starts again however it ended, two seconds later."""
    lines = [
        "[Unit]",
        f"Description=halo {role}",
        "Wants=network-online.target",
        "After=network-online.target",
        "StartLimitIntervalSec=0",
        "",
        "[Service]",
        "Type=exec",
        f"ExecStart={' '.join(_systemd_word(word) for word in command)}",
        f"WorkingDirectory={_systemd_path(str(home.root))}",
        *(
            f"Environment={_systemd_word(f'{name}={value}', dollar=False)}"
            for name, value in environ.items()
        ),
        f"EnvironmentFile=-{_systemd_path(str(home.service_env))}",
        "Restart=always",
        f"RestartSec={RESTART_SECONDS}",
        "UMask=0077",
        "NoNewPrivileges=yes",
        f"StandardOutput=append:{_systemd_path(str(home.errors(role)))}",
        f"StandardError=append:{_systemd_path(str(home.errors(role)))}",
        "",
        "[Install]",
        "WantedBy=default.target",
        "",
    ]
    return "\n".join(lines)


def launchd_agent(
    role: Role, command: Sequence[str], home: Home, environ: Mapping[str, str]
) -> str:
    """`com.halo-<role>.plist`."""
    document = {
        "Label": f"com.halo-{role}",
        "ProgramArguments": list(command),
        "WorkingDirectory": str(home.root),
        "EnvironmentVariables": dict(environ),
        "RunAtLoad": True,
        "KeepAlive": True,
        "ThrottleInterval": THROTTLE_SECONDS,
        "Umask": 0o077,
        "StandardOutPath": str(home.errors(role)),
        "StandardErrorPath": str(home.errors(role)),
    }
    return plistlib.dumps(document).decode()


def environment_file(values: Mapping[str, str]) -> str:
    """`NAME="value"` lines as systemd's EnvironmentFile reads them. ValueError for a line break."""
    lines = []
    for name, value in values.items():
        if "\n" in value or "\r" in value or "\0" in value:
            raise ValueError(
                f"{name} contains a line break, which no service's environment can hold"
            )
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        escaped = escaped.replace("$", "\\$").replace("`", "\\`")
        lines.append(f'{name}="{escaped}"')
    return "\n".join(lines) + "\n"


def read_environment_file(text: str) -> dict[str, str]:
    """The inverse of `environment_file`."""
    found = {}
    for line in text.splitlines():
        name, equals, quoted = line.partition("=")
        if equals and len(quoted) >= 2 and quoted[0] == quoted[-1] == '"':
            value, escaped = [], False
            for character in quoted[1:-1]:
                if not escaped and character == "\\":
                    escaped = True
                    continue
                value.append(character)
                escaped = False
            found[name] = "".join(value)
    return found


def load_secrets(home: Home, environ: MutableMapping[str, str]) -> None:
    """In an installed daemon: what service.env holds and the environment does not. ConfigError as read_private."""
    if home.service_env.exists():
        for name, value in read_environment_file(read_private(home.service_env)).items():
            environ.setdefault(name, value)


def _systemd_word(word: str, dollar: bool = True) -> str:
    """One word of a command line: quoted, with specifiers and variables switched off."""
    if any(c in word for c in "\n\r\0"):
        raise ValueError("an argument contains a line break, which no unit can hold")
    text = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    if dollar:
        text = text.replace("$", "$$")
    return f'"{text}"'


def _systemd_path(path: str) -> str:
    """A path in a setting that takes one unquoted path: only specifiers are special."""
    if any(c in path for c in "\n\r\0"):
        raise ValueError("a path contains a line break, which no unit can hold")
    return path.replace("%", "%%")


def unit_path(role: Role, system: str) -> Path:
    """Where the operating system looks for it."""
    if system == "darwin":
        return Path.home() / "Library" / "LaunchAgents" / f"com.halo-{role}.plist"
    return Path.home() / ".config" / "systemd" / "user" / f"halo-{role}.service"
