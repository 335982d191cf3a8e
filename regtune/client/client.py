"""The client: one method for each thing that a user does with a server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import httpx2

from regtune.client.address import Address
from regtune.client.following import follow
from regtune.client.transport import Transport

Json = dict[str, Any]

_PAGE_SIZE = 500


class Client:
    """Studies and data sets of one server.

    Answers are the JSON documents of the HTTP contract. Every method raises `ProblemError` when the server refuses
    and `ServerUnreachable` when it does not answer::

        with Client() as client:
            data = client.upload_dataset("train.csv", target="y")
            study = client.create_study({"dataset": data["id"], "budget": {"trials": 32}})
            client.wait(study["id"])
            print(client.best(study["id"]))
    """

    def __init__(
        self, url: str | None = None, key: str | None = None, *, transport: httpx2.BaseTransport | None = None
    ) -> None:
        """`url` and `key` are those of the environment or of `regtune.toml` where they are left out.

        `transport` stands in for the network, in tests.

        Raises:
            InvalidAddress: the URL is no http(s) URL.
        """
        self._transport = Transport(Address.found(url, key), transport)

    @property
    def url(self) -> str:
        """The server's address."""
        return self._transport.url

    def close(self) -> None:
        """Let go of the connections."""
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def regularizers(self) -> list[Json]:
        """The catalogue of regularizers."""
        items: list[Json] = self._transport.json("GET", "/regularizers")["items"]
        return items

    def datasets(self) -> Iterator[Json]:
        """All data sets, bundled ones too."""
        return self._pages("/datasets")

    def upload_dataset(self, path: str | Path, **meta: Any) -> Json:
        """Upload a CSV, Parquet or NPZ file; the same content again answers with the data set that is there.

        `meta` says what the contract's `meta` says: name (the file's, if left out), target, task, columns, missing.
        """
        path = Path(path)
        said = {"name": path.stem, **{name: value for name, value in meta.items() if value is not None}}
        with path.open("rb") as file:
            return self._transport.upload(
                "/datasets", files={"file": (path.name, file)}, data={"meta": json.dumps(said)}
            )

    def dataset(self, dataset_id: str) -> Json:
        """One data set."""
        return self._transport.json("GET", f"/datasets/{_part(dataset_id)}")

    def profile(self, dataset_id: str) -> Json:
        """What a data set's columns look like."""
        return self._transport.json("GET", f"/datasets/{_part(dataset_id)}/profile")

    def create_study(self, definition: Mapping[str, Any]) -> Json:
        """Submit a study; it begins at once."""
        return self._transport.create("/studies", dict(definition))

    def validate_study(self, definition: Mapping[str, Any]) -> Json:
        """What the study would be: its resolved definition, its space and warnings; nothing is stored."""
        return self._transport.json("POST", "/studies", params={"validate_only": "true"}, json=dict(definition))

    def studies(self) -> Iterator[Json]:
        """All studies, the newest first."""
        return self._pages("/studies")

    def study(self, study_id: str) -> Json:
        """A study as it is now."""
        return self._transport.json("GET", f"/studies/{_part(study_id)}")

    def stop(self, study_id: str, mode: str = "drain") -> Json:
        """Stop a study: "drain" lets running trials end, "now" cancels them. What there is stays."""
        return self._transport.json("POST", f"/studies/{_part(study_id)}:stop", json={"mode": mode})

    def delete_study(self, study_id: str) -> None:
        """Delete a study."""
        self._transport.request("DELETE", f"/studies/{_part(study_id)}")

    def trials(self, study_id: str) -> Iterator[Json]:
        """The study's trials, in the order of their numbers."""
        return self._pages(f"/studies/{_part(study_id)}/trials")

    def trial(self, study_id: str, number: int) -> Json:
        """One trial, with its metrics, cost and error."""
        return self._transport.json("GET", f"/studies/{_part(study_id)}/trials/{number}")

    def curve(self, study_id: str, number: int) -> list[Json]:
        """A trial's epochs."""
        items: list[Json] = self._transport.json("GET", f"/studies/{_part(study_id)}/trials/{number}/curve")["items"]
        return items

    def best(self, study_id: str) -> Json:
        """The winning setting."""
        return self._transport.json("GET", f"/studies/{_part(study_id)}/best")

    def best_text(self, study_id: str, format: str) -> str:  # noqa: A002  # the contract's name
        """The winning setting as "json", "yaml" or "python"."""
        return self._transport.request("GET", f"/studies/{_part(study_id)}/best", params={"format": format}).text

    def follow(self, study_id: str, timeout_seconds: float | None = None) -> Iterator[Json]:
        """The study each time it has changed, the ended one last; a server may restart meanwhile.

        Raises:
            StudyTimeout: it has not ended in time.
        """
        path = f"/studies/{_part(study_id)}"
        return follow(lambda headers: self._transport.request("GET", path, headers=headers), study_id, timeout_seconds)

    def wait(self, study_id: str, timeout_seconds: float | None = None) -> Json:
        """The study when it has ended.

        Raises:
            StudyTimeout: it has not ended in time.
        """
        *_, ended = self.follow(study_id, timeout_seconds)
        return ended

    def _pages(self, path: str) -> Iterator[Json]:
        token: str | None = None
        while True:
            params = {"page_size": str(_PAGE_SIZE), **({} if token is None else {"page_token": token})}
            page = self._transport.json("GET", path, params=params)
            yield from page["items"]
            token = page["next_page_token"]
            if token is None:
                return


def _part(name: str) -> str:
    return quote(name, safe="")
