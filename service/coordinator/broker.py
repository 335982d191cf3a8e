"""The broker, as the coordinator uses it: a Celery application that publishes and never consumes.

It knows the worker's task by name alone, so that no worker code, and no torch, is loaded here.
"""

from __future__ import annotations

from celery import Celery
from kombu.exceptions import OperationalError

from service.coordinator.errors import BrokerUnreachable

TASK_NAME = "regtune.work"
MESSAGE_EXPIRES_SECONDS = 15
_SOCKET_TIMEOUT_SECONDS = 1.0


class Broker:
    """Publishes wake-up messages to one queue of one deployment.

    A connection that fails is not tried again within a call: the next round of the coordinator is the retry, and a
    default publish to a broker behind a dead link was measured to block for 54 seconds.
    """

    def __init__(self, url: str, key_prefix: str) -> None:
        self._queue = f"{key_prefix}work"
        self._app = Celery("regtune", broker=url, set_as_current=False)
        self._app.conf.update(
            task_serializer="json",
            accept_content=["json"],
            task_ignore_result=True,
            task_publish_retry=False,
            broker_transport_options={
                "global_keyprefix": key_prefix,
                "socket_timeout": _SOCKET_TIMEOUT_SECONDS,
                "socket_connect_timeout": _SOCKET_TIMEOUT_SECONDS,
                "health_check_interval": 10,
                "max_retries": 0,
            },
        )
        connection = self._app.connection_for_write()
        self._failures = (OperationalError, OSError, *connection.connection_errors, *connection.channel_errors)

    def unread(self) -> int:
        """How many messages lie in the queue.

        Raises:
            BrokerUnreachable: the broker does not answer within about a second.
        """
        try:
            with self._app.connection_or_acquire() as connection:
                found: int = connection.default_channel.queue_declare(self._queue).message_count
                return found
        except self._failures as cause:
            raise BrokerUnreachable(str(cause)) from cause

    def wake(self, study_id: str) -> None:
        """Publishes one message, which expires after 15 s.

        Raises:
            BrokerUnreachable: the broker does not answer within about a second.
        """
        try:
            self._app.send_task(
                TASK_NAME,
                args=[study_id],
                queue=self._queue,
                expires=MESSAGE_EXPIRES_SECONDS,
                retry=False,
                ignore_result=True,
            )
        except self._failures as cause:
            raise BrokerUnreachable(str(cause)) from cause

    def close(self) -> None:
        """Closes the connections."""
        self._app.close()
