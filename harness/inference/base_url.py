"""Which addresses a provider may have. They come from the operator's own configuration, never from a document.

Plain http is for the operator's own machine and network. Addresses under which clouds hand out their
machine's credentials are refused, whatever the scheme, spelled as a name, a number or inside IPv6.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

import httpx

from harness.errors import ConfigError

Resolve = Callable[[str], Iterable[str]]
IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_METADATA_NAMES = {
    "metadata", "metadata.google.internal", "metadata.goog", "metadata.azure.com", "instance-data",
    "instance-data.ec2.internal", "metadata.tencentyun.com", "metadata.packet.net",
}  # fmt: skip
_METADATA = [
    ipaddress.ip_network(network)
    for network in (
        "169.254.0.0/16", "fe80::/10", "fd00:ec2::/32", "100.100.100.200/32", "192.0.0.192/32",
        "168.63.129.16/32", "fd20:ce::/32",
    )
]  # fmt: skip
_SHARED = ipaddress.ip_network("100.64.0.0/10")  # private networks of overlays such as Tailscale
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def system_resolver(host: str) -> Iterable[str]:
    """Addresses of a name, as this machine sees it."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return []
    return {str(entry[4][0]).partition("%")[0] for entry in found}


def checked_base_url(text: str, resolve: Resolve = system_resolver) -> str:
    """The URL without a trailing slash. ConfigError says what to change.

    Only names reached over plain http are resolved here; https proves the name by its certificate.
    """
    url = text.strip()
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        seen = httpx.URL(url).host  # what the client will really connect to
    except (ValueError, httpx.InvalidURL):
        raise ConfigError(
            f"not a URL: {_shown(url)!r}; write https://HOST/v1 or http://127.0.0.1:PORT/v1"
        ) from None
    if parts.scheme not in ("http", "https") or not host:
        raise ConfigError(
            f"a base URL starts with https:// (or http:// on your own network), got {_shown(url)!r}"
        )
    if parts.username is not None or parts.password is not None or "@" in parts.netloc:
        raise ConfigError(
            "a base URL must not contain a name or password; give the key with --api-key"
        )
    if parts.query or parts.fragment or "?" in url or "#" in url:
        raise ConfigError("a base URL has no query and no fragment; leave out what follows ? or #")
    if seen.strip("[]").lower() != host or "\\" in url or any(c.isspace() for c in url):
        raise ConfigError(f"the host of the base URL is ambiguous: {_shown(url)!r}")
    if port == 0:
        raise ConfigError("port 0 is not a port")
    name = host.rstrip(".").lower()
    if name in _METADATA_NAMES:
        raise ConfigError(f"{name} is a cloud's metadata service, not a provider")
    literal = _address(name)
    addresses = [literal] if literal else []
    if parts.scheme == "http" and literal is None and name != "localhost":
        addresses = [a for a in map(_address, resolve(name)) if a is not None]
        if not addresses:
            raise ConfigError(
                f"cannot resolve {name}; use https, or the address of the machine itself"
            )
    for address in addresses:
        if any(address in network for network in _METADATA if network.version == address.version):
            raise ConfigError(f"{name} is a link-local or metadata address, not a provider")
        if address.is_unspecified or address.is_multicast:
            raise ConfigError(f"{name} is no address to connect to; use 127.0.0.1 for this machine")
        if parts.scheme == "http" and not _own_network(address):
            raise ConfigError(
                f"{name} is not on your own network; use https so that the key stays secret"
            )
    return url.rstrip("/")


def _address(host: str) -> IpAddress | None:
    """An address literal, also in the old spellings (decimal, octal, hex) that resolvers accept."""
    try:
        address: IpAddress = ipaddress.ip_address(host)
    except ValueError:
        try:
            address = ipaddress.IPv4Address(socket.inet_aton(host))
        except (OSError, ValueError):
            return None
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _own_network(address: IpAddress) -> bool:
    if address.version == 4 and address in _SHARED:
        return True
    return address.is_loopback or (address.is_private and not address.is_reserved)


def _shown(url: str) -> str:
    """Without what may be a password, and short."""
    head, at, tail = url.rpartition("@")
    return (f"{head.partition('://')[0]}://…@{tail}" if at else url)[:100]
