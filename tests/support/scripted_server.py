"""A server whose answers are written down beforehand, and documents as the HTTP contract describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2

STUDY_ID = "01JB0000000000000000000000"
PREFIX = "/api/v1"

Answer = httpx2.Response | Exception


class ScriptedServer:
    """Answers each request with the next answer written for it, and with the last one from then on."""

    def __init__(self) -> None:
        self.requests: list[httpx2.Request] = []
        self._answers: dict[tuple[str, str], list[Answer]] = {}

    def on(self, method: str, path: str, *answers: Answer | Mapping[str, Any]) -> None:
        """Writes down the answers to a request below the prefix; a document is an answer of 200."""
        self._answers[method, PREFIX + path] = [
            answer if isinstance(answer, Answer) else httpx2.Response(200, json=answer) for answer in answers
        ]

    @property
    def transport(self) -> httpx2.MockTransport:
        """The way to this server, for a client."""
        return httpx2.MockTransport(self._answer)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        request.read()
        self.requests.append(request)
        answers = self._answers.get((request.method, request.url.path))
        if answers is None:
            return problem(404, f"there is no {request.method} {request.url.path}")
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        # A response can be read once, and the last one is given again and again.
        return httpx2.Response(answer.status_code, headers=answer.headers, content=answer.content)


def problem(status: int, detail: str = "", *faults: tuple[str, str], title: str = "Refused") -> httpx2.Response:
    """A problem document; a fault is a pointer and a message."""
    errors = [{"pointer": pointer, "code": "refused", "message": message} for pointer, message in faults]
    document = {"type": "about:blank", "title": title, "status": status, "detail": detail, "errors": errors}
    return httpx2.Response(status, json=document, headers={"Content-Type": "application/problem+json"})


def page(*items: Mapping[str, Any], token: str | None = None) -> dict[str, Any]:
    """A page of a list."""
    return {"items": list(items), "next_page_token": token, "total": None}


def study(progress: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A study that has ended as most do, changed in some fields."""
    counted = {
        "queued": 0,
        "running": 0,
        "completed": 61,
        "pruned": 33,
        "failed": 2,
        "cancelled": 0,
        "epochs_run": 1800,
        "epochs_saved": 1080,
        "device_seconds": 42.0,
        "trials_per_second": 2.4,
        "eta_seconds": None,
    }
    return {
        "id": STUDY_ID,
        "name": "a study",
        "version": 7,
        "state": "completed",
        "phase": "search",
        "stop_reason": "budget_trials",
        "waiting": None,
        "objective": {"metric": "balanced_accuracy", "direction": "maximize"},
        "budget": {"trials": 96},
        "progress": {**counted, **(progress or {})},
        "best": {"number": 40, "value": 0.9731, "setting": {"dropout.rate": 0.25, "l1.gate": False}},
        "baseline": {"number": 0, "value": 0.95, "setting": {}},
        "warnings": [],
        "created_at": "2026-01-02T03:04:05Z",
        **changes,
    }


def trial(number: int, **changes: Any) -> dict[str, Any]:
    """A completed trial as a row of a study's trials, changed in some fields."""
    return {
        "number": number,
        "state": "completed",
        "stop": {"by": "epochs", "epoch": 30, "reason": "it ended"},
        "setting": {"dropout.rate": 0.25},
        "value": 0.9,
        "values": [0.9],
        "attempt": 1,
        "gap": 0.01,
        **changes,
    }
