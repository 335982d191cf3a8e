"""The Celery application is configured for long training: woken early, trained in a spawned child, nothing kept."""

from __future__ import annotations

import subprocess
import sys

import pytest

from worker.app import make_app


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("task_acks_late", False),
        ("task_ignore_result", True),
        ("result_backend", None),
        ("accept_content", ["json"]),
        ("task_serializer", "json"),
        ("worker_pool", "prefork"),
        ("worker_pool_start_method", "spawn"),
        ("worker_concurrency", 1),
        ("worker_max_tasks_per_child", None),
        ("worker_disable_prefetch", True),
        ("worker_enable_remote_control", False),
        ("broker_connection_max_retries", None),
    ],
)
def test_each_option_that_a_lost_or_doubled_message_depends_on_is_set(key: str, value: object) -> None:
    with make_app("redis://127.0.0.1:1", "here:") as app:
        assert app.conf[key] == value


def test_the_prefix_separates_deployments_on_one_redis() -> None:
    with make_app("redis://127.0.0.1:1", "here:") as app:
        assert app.conf.broker_transport_options["global_keyprefix"] == "here:"
        assert app.conf.task_default_queue == "here:work"


def test_prefetch_is_disabled_on_redis_alone() -> None:
    with make_app("amqp://127.0.0.1:1", "here:") as app:
        assert not app.conf.worker_disable_prefetch


def test_the_main_process_loads_no_torch() -> None:
    code = "import sys, worker.command, worker.task; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
