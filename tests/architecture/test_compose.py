"""What docker-compose.yml promises, checked without an engine: order, health, secrets, and one door on loopback."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

OURS = ("migrate", "api", "coordinator", "worker", "worker-gpu")
LASTING = ("db", "broker", "api", "gate", "coordinator", "worker", "worker-gpu")


@pytest.fixture(scope="module")
def compose(checkout: Path) -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((checkout / "docker-compose.yml").read_text())
    return document


@pytest.fixture(scope="module")
def services(compose: dict[str, Any]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = compose["services"]
    return found


@pytest.fixture(scope="module")
def dockerfile(checkout: Path) -> str:
    return (checkout / "Dockerfile").read_text()


def test_the_services_are_the_parts_of_the_deployment(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == {"db", "broker", "gate", *OURS}


def test_the_api_alone_publishes_a_port_and_on_loopback(services: dict[str, dict[str, Any]]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert list(published) == ["api"]
    assert all(port.startswith("127.0.0.1:") for port in published["api"])


def test_the_published_port_is_the_gates_and_the_gate_leads_to_the_api(compose: dict[str, Any]) -> None:
    services, gate = compose["services"], compose["configs"]["gate"]["content"]
    assert services["gate"]["network_mode"] == "service:api"
    assert services["api"]["ports"][0].endswith(":8080")
    assert "bind :8080" in gate
    address = services["api"]["command"]
    assert f"server api {address[address.index('--host') + 1]}:{address[address.index('--port') + 1]}" in gate


def test_no_part_starts_before_the_tables_are_there(services: dict[str, dict[str, Any]]) -> None:
    for name in OURS[1:]:
        assert services[name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
        assert services[name]["depends_on"]["broker"] == {"condition": "service_healthy"}
    assert services["migrate"]["depends_on"] == {"db": {"condition": "service_healthy"}}


@pytest.mark.parametrize("name", ["db", "broker", "api"])
def test_what_others_wait_for_has_a_health_check(name: str, services: dict[str, dict[str, Any]]) -> None:
    assert services[name]["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_is_started_again(name: str, services: dict[str, dict[str, Any]]) -> None:
    assert services[name]["restart"] == "unless-stopped"


def test_the_migration_runs_once(services: dict[str, dict[str, Any]]) -> None:
    assert services["migrate"]["restart"] == "no"


def test_the_gpu_worker_is_started_on_demand_only(services: dict[str, dict[str, Any]]) -> None:
    assert [name for name, service in services.items() if "profiles" in service] == ["worker-gpu"]
    devices = services["worker-gpu"]["deploy"]["resources"]["reservations"]["devices"]
    assert devices[0]["capabilities"] == ["gpu"]


def test_passwords_come_from_a_file(compose: dict[str, Any]) -> None:
    assert compose["secrets"] == {"database_password": {"file": "./secrets/database_password"}}
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            assert "PASSWORD" not in name or name.endswith("_FILE")
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), f"{name} holds a password"


def test_the_broker_keeps_what_it_has_and_evicts_nothing(services: dict[str, dict[str, Any]]) -> None:
    words = services["broker"]["command"]
    assert words[words.index("--appendonly") + 1] == "yes"
    assert words[words.index("--maxmemory-policy") + 1] == "noeviction"


def test_what_must_outlive_a_container_is_in_a_named_volume(compose: dict[str, Any]) -> None:
    used = {volume.split(":")[0] for service in compose["services"].values() for volume in service.get("volumes", ())}
    assert used == set(compose["volumes"])


@pytest.mark.parametrize("name", OURS)
def test_our_services_run_with_nothing_they_do_not_need(name: str, services: dict[str, dict[str, Any]]) -> None:
    assert services[name]["cap_drop"] == ["ALL"]
    assert services[name]["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", OURS)
def test_every_image_is_a_target_of_the_dockerfile(
    name: str, services: dict[str, dict[str, Any]], dockerfile: str
) -> None:
    assert f" AS {services[name]['build']['target']}\n" in dockerfile


def test_every_variable_is_documented(compose: dict[str, Any], checkout: Path) -> None:
    documented = (checkout / "docs" / "configuration.md").read_text()
    names = {name for service in compose["services"].values() for name in service.get("environment", {})}
    ours = {name for name in names if name.startswith("REGTUNE_")} | {"REGTUNE_PORT", "TORCH_BACKEND"}
    assert not [name for name in sorted(ours) if f"`{name}`" not in documented]
