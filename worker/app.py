"""The Celery application: how a worker is woken. The database owns the work; a message only says "look".

Reasons: early acknowledgement, because a lost message is sent again by the coordinator in seconds, never by Redis's
visibility timeout; a spawned child, because torch does not survive a fork; no prefetch, because a message that waits
behind a long run would leave another worker idle; no results, since they are rows.
"""

from __future__ import annotations

from typing import Any

from celery import Celery

TASK = "regtune.work"


def make_app(broker_url: str, key_prefix: str) -> Celery:
    """The application of one deployment; `key_prefix` separates deployments that share a Redis."""
    app = Celery("regtune", broker=broker_url, include=["worker.task"], set_as_current=True)
    app.conf.update(
        **_messages(key_prefix),
        **_processes(),
        worker_disable_prefetch=_is_redis(broker_url),
    )
    return app


def _messages(key_prefix: str) -> dict[str, Any]:
    return {
        "task_serializer": "json",
        "accept_content": ["json"],
        "task_ignore_result": True,
        "result_backend": None,
        "task_acks_late": False,
        "task_default_queue": f"{key_prefix}work",
        "task_publish_retry": False,
        "broker_connection_retry_on_startup": True,
        # Celery's own default gives up for good after a hundred tries.
        "broker_connection_max_retries": None,
        "broker_transport_options": {
            "visibility_timeout": 3600,
            "socket_timeout": 5,
            "socket_connect_timeout": 2,
            "health_check_interval": 10,
            "global_keyprefix": key_prefix,
        },
    }


def _processes() -> dict[str, Any]:
    return {
        "worker_pool": "prefork",
        "worker_pool_start_method": "spawn",
        "worker_concurrency": 1,
        "worker_prefetch_multiplier": 1,
        # Importing what the child needs takes longer than Celery's four seconds on a cold disk.
        "worker_proc_alive_timeout": 60,
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_hijack_root_logger": False,
        "worker_redirect_stdouts": False,
    }


def _is_redis(broker_url: str) -> bool:
    return broker_url.startswith(("redis://", "rediss://", "redis+socket://"))
