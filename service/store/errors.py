"""Everything that the store refuses, as one tree.

StoreError
├── SettingsError            an environment variable or regtune.toml says something impossible
│   ├── UnsupportedDatabase  a URL that is neither SQLite's nor Postgres's
│   └── UnsupportedStore     a URL of files that this installation cannot reach
├── NotThere                 nothing of that name that the caller may see
│   ├── UnknownStudy, UnknownTrial, UnknownDataset, UnknownWorker, UnknownFile
├── Conflict                 the thing is there, in another state than this needs
│   ├── IllegalMove, StudyEnded, StaleVersion
├── LeaseLost                the run was taken back: stop, discard, write nothing more
├── SuggestLeaseLost         another coordinator suggests for this study now
├── KeyReused                an idempotency key came again with another request
├── BadPage                  a page token or an order that this list never gave out
└── WorkerMistake            a worker said what cannot be
    ├── TickOutOfOrder, NotOfThisRun, RunWithoutProgram
"""

from __future__ import annotations


class StoreError(Exception):
    """The store refuses; the message says what was got, what is allowed and what to do."""


class SettingsError(StoreError):
    """A setting of the process says something impossible."""


class UnsupportedDatabase(SettingsError):
    """The URL names no database that regtune runs on; it is not repeated, as it may hold a password."""

    def __init__(self) -> None:
        super().__init__("the database URL is none that can be used; allowed are sqlite:///path and postgresql://…")


class UnsupportedStore(SettingsError):
    """The URL names files that this installation cannot reach."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(f"REGTUNE_STORE cannot be used: {cause}")


class NotThere(StoreError):
    """Nothing of that name, or another project's, or deleted."""

    noun = "thing"

    def __init__(self, name: object) -> None:
        super().__init__(f"there is no {self.noun} {name!r}")
        self.name = name


class UnknownStudy(NotThere):
    """No such study."""

    noun = "study"


class UnknownTrial(NotThere):
    """No such trial number in the study."""

    noun = "trial"


class UnknownDataset(NotThere):
    """No such data set."""

    noun = "data set"


class UnknownWorker(NotThere):
    """No such worker."""

    noun = "worker"


class UnknownFile(NotThere):
    """No such file in the file store."""

    noun = "file"


class Conflict(StoreError):
    """The thing is there, but in another state than this needs."""


class IllegalMove(Conflict):
    """A state that may not follow the present one."""

    def __init__(self, noun: str, to: str, expected: int, moved: int) -> None:
        super().__init__(f"only {moved} of {expected} {noun} could become {to!r}; the others are in no state before it")


class StudyEnded(Conflict):
    """The study has ended, and this is for studies that have not."""

    def __init__(self, study_id: str, state: str) -> None:
        super().__init__(f"study {study_id!r} has ended as {state!r}")
        self.state = state


class StaleVersion(Conflict):
    """The study has changed since the version that the caller knew."""

    def __init__(self, study_id: str, known: int, present: int) -> None:
        super().__init__(f"study {study_id!r} is at version {present}, not {known}: read it again")
        self.present = present


class LeaseLost(StoreError):
    """The run was taken back. Its worker stops, discards what it has not written, and writes nothing more for it."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id!r} is no longer held under this fence")
        self.run_id = run_id


class SuggestLeaseLost(StoreError):
    """Another coordinator suggests for the study now."""

    def __init__(self, study_id: str) -> None:
        super().__init__(f"the suggest lease of study {study_id!r} is no longer held under this fence")
        self.study_id = study_id


class KeyReused(StoreError):
    """An idempotency key came again with another request."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the idempotency key {key!r} was used for another request; take a new one")


class BadPage(StoreError):
    """A page token or an order that the list never gave out; `parameter` is the one that says so."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter


class WorkerMistake(StoreError):
    """A worker said what cannot be."""


class TickOutOfOrder(WorkerMistake):
    """A tick skipped one."""

    def __init__(self, got: int, expected: int) -> None:
        super().__init__(f"tick {got} came where {expected} was due")


class NotOfThisRun(WorkerMistake):
    """A fit or attempt that the run does not train."""

    def __init__(self, fit_id: str, attempt: int, run_id: str) -> None:
        super().__init__(f"fit {fit_id!r}, attempt {attempt}, is not one that run {run_id!r} trains")


class RunWithoutProgram(WorkerMistake):
    """The run has claimed nothing yet, so it has no program."""

    def __init__(self, run_id: str) -> None:
        super().__init__(f"run {run_id!r} has claimed nothing yet, so it has no program")
