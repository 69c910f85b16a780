"""What a failed connection is called in messages for people: words, not the names of a library's classes."""

from __future__ import annotations

NOBODY, UNKNOWN, LATE, BROKEN = (
    "nothing listens there",
    "its host name is not known",
    "no answer in time",
    "the connection broke off",
)
# By the names of aiohttp's, httpx's and Python's exceptions, so that none of them is imported here.
_WORDS = {
    "ClientConnectorError": NOBODY,
    "ConnectError": NOBODY,
    "ConnectionRefusedError": NOBODY,
    "ClientConnectorDNSError": UNKNOWN,
    "gaierror": UNKNOWN,
    "TimeoutError": LATE,
    "ConnectionTimeoutError": LATE,
    "ServerTimeoutError": LATE,
    "SocketTimeoutError": LATE,
    "ConnectTimeout": LATE,
    "ReadTimeout": LATE,
    "ClientConnectorCertificateError": "its certificate is not trusted",
    "ClientConnectorSSLError": "it does not speak TLS",
    "ServerDisconnectedError": BROKEN,
    "ClientPayloadError": BROKEN,
    "ClientOSError": BROKEN,
    "ConnectionResetError": BROKEN,
    "RemoteProtocolError": BROKEN,
    "ReadError": BROKEN,
    "InvalidURL": "not a URL",
    "InvalidUrlClientError": "not a URL",
    "NonHttpUrlClientError": "not a URL with http:// or https://",
    "UnsupportedProtocol": "not a URL with http:// or https://",
}


def words(failure: BaseException) -> str:
    """What happened, without the address: whoever tells it names that."""
    for kind in type(failure).__mro__:
        if kind.__name__ in _WORDS:
            return _WORDS[kind.__name__]
    return str(failure) or "the connection failed"
