"""What a service of ours can answer instead of a result.

ServiceError
├── Unreachable   no answer, a server's failure, or not what the service is documented to say
│   └── NoSuchRoute   a 404 or 405 in words of whatever server stands there
└── Refused       an answer: `status`, and the envelope's `code` and `message`
"""

from __future__ import annotations

from harness.errors import HarnessError


class ServiceError(HarnessError):
    """Base. `service` is its name and URL."""

    def __init__(self, service: str, message: str) -> None:
        self.service = service
        super().__init__(f"{service}: {message}")


class Unreachable(ServiceError):
    """Nothing is known about what the service did: asking again with the same request is right."""

    exit_code = 75


class NoSuchRoute(Unreachable):
    """An older service, or a proxy that finds none: of the thing that was asked about it says nothing."""


class Refused(ServiceError):
    """The service understood and will not do it."""

    def __init__(self, service: str, status: int, code: str, message: str) -> None:
        self.status = status
        self.code = code
        self.message = message
        super().__init__(service, f"{message} ({code}, status {status})")
