"""Requests to a server: patient with one that is away for a moment, clear about one that refuses."""

from __future__ import annotations

import random
import time
from typing import Any
from uuid import uuid4

import httpx2

from regtune.client.address import API_PREFIX, Address
from regtune.client.errors import ProblemError, ServerUnreachable

_PATIENCE_SECONDS = 3.0
_FIRST_PAUSE_SECONDS = 0.25
_CONNECT_SECONDS = 3.0
_ANSWER_SECONDS = 20.0
_UPLOAD_SECONDS = 300.0  # the server parses a file before it answers
_AWAY = (502, 503, 504)
_SAFE = ("GET", "HEAD")
_IDEMPOTENCY_KEY = "Idempotency-Key"


class Transport:
    """Sends requests below `/api/v1` of one server.

    For a few seconds a request is repeated while nobody can be connected to; one that is safe or carries an idempotency
    key also when the answer was lost, or said that the service is away.
    """

    def __init__(self, address: Address, handler: httpx2.BaseTransport | None = None) -> None:
        """`handler` stands in for the network where there is one."""
        self.url = address.url
        self._http = httpx2.Client(
            base_url=f"{address.url}{API_PREFIX}",
            headers={} if address.key is None else {"Authorization": f"Bearer {address.key}"},
            timeout=_waiting(_ANSWER_SECONDS),
            transport=handler,
            trust_env=not address.is_loopback,
        )

    def request(self, method: str, path: str, **sent: Any) -> httpx2.Response:
        """The server's answer, which is a success or 304.

        Raises:
            ProblemError: the server refuses.
            ServerUnreachable: it does not answer, or not as regtune would.
        """
        may_repeat = method in _SAFE or _IDEMPOTENCY_KEY in sent.get("headers", {})
        patient_until = time.monotonic() + _PATIENCE_SECONDS
        pause_seconds = _FIRST_PAUSE_SECONDS
        while True:
            is_last = time.monotonic() + pause_seconds > patient_until
            try:
                answer = self._http.request(method, path, **sent)
            except httpx2.RequestError as error:
                was_sent = not isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout)
                if is_last or (was_sent and not may_repeat):
                    raise ServerUnreachable(self.url, str(error) or type(error).__name__) from error
            else:
                if is_last or not may_repeat or answer.status_code not in _AWAY:
                    return self._accepted(answer)
            # Spread, so that clients that lost their server together do not come back together.
            time.sleep(pause_seconds * random.uniform(0.5, 1.0))
            pause_seconds *= 2

    def json(self, method: str, path: str, **sent: Any) -> dict[str, Any]:
        """The body of a successful answer."""
        body = _object_in(self.request(method, path, **sent))
        if body is None:
            raise ServerUnreachable(self.url, "something else answers there")
        return body

    def create(self, path: str, body: dict[str, Any], **sent: Any) -> dict[str, Any]:
        """What a POST made, once however often it had to be sent."""
        return self.json("POST", path, json=body, headers={_IDEMPOTENCY_KEY: uuid4().hex}, **sent)

    def upload(self, path: str, **sent: Any) -> dict[str, Any]:
        """What a POST of a file made; the server may take its time with it."""
        return self.json("POST", path, timeout=_waiting(_UPLOAD_SECONDS), **sent)

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    def _accepted(self, answer: httpx2.Response) -> httpx2.Response:
        if answer.is_success or answer.status_code == httpx2.codes.NOT_MODIFIED:
            return answer
        document = _object_in(answer)
        if document is None:
            raise ServerUnreachable(self.url, f"something else answers there, with {answer.status_code}")
        raise ProblemError(answer.status_code, document)


def _waiting(seconds: float) -> httpx2.Timeout:
    return httpx2.Timeout(seconds, connect=_CONNECT_SECONDS)


def _object_in(answer: httpx2.Response) -> dict[str, Any] | None:
    """The JSON object that an answer holds, or None where it holds something else."""
    try:
        document = answer.json()
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
