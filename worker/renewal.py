"""The renewal of a run's lease, in a thread of its own: training, compiling and importing go on meanwhile."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from service.store.errors import LeaseLost

_log = logging.getLogger(__name__)

_RENEWALS_A_LEASE = 3
# The rest of the lease is left to a write that is under way when the worker gives the run up.
_TRUSTED_SHARE = 0.8
_LAST_RENEWAL_SECONDS = 5.0


class LeaseNotRenewed(Exception):
    """The lease could not be renewed for so long that the run may have been given to another worker."""

    def __init__(self, silent_seconds: float, lease_seconds: float) -> None:
        super().__init__(f"the lease of {lease_seconds:g} s was not renewed for {silent_seconds:.1f} s")


class Renewal:
    """Renews a lease every third of it while the block runs.

    The worker's own clock decides when to stop trusting the lease: a worker that cannot reach the database cannot
    know that its run was given away. It starts from before the lease was asked for, so it is never late.
    """

    def __init__(self, renew: Callable[[], None], lease_seconds: float, asked_at: float) -> None:
        """`renew` raises LeaseLost when the run is not ours any more; `asked_at` is on `time.monotonic`'s clock."""
        self._renew = renew
        self._lease_seconds = lease_seconds
        self._sure_at = asked_at
        self._refused: LeaseLost | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._keep_renewing, name="lease renewal", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join(_LAST_RENEWAL_SECONDS)

    def check(self) -> None:
        """Returns if the run is still ours.

        Raises:
            LeaseLost: the lease was refused.
            LeaseNotRenewed: nobody knows.
        """
        if self._refused is not None:
            raise self._refused
        silent_seconds = time.monotonic() - self._sure_at
        if silent_seconds > _TRUSTED_SHARE * self._lease_seconds:
            raise LeaseNotRenewed(silent_seconds, self._lease_seconds)

    def _keep_renewing(self) -> None:
        while not self._ended.wait(self._lease_seconds / _RENEWALS_A_LEASE):
            asked_at = time.monotonic()
            try:
                self._renew()
            except LeaseLost as lost:
                self._refused = lost
                return
            except Exception as error:
                # A database that is away for a moment: the clock above ends the run if it stays away.
                _log.warning("could not renew the lease: %s", getattr(error, "orig", error))
            else:
                self._sure_at = asked_at
