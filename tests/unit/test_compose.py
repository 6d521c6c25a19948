"""docker-compose.yml and the image: pinned, healthy before it is used, kept, closed to the outside, not root."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from journeygraph import __version__
from journeygraph.settings import Settings
from tests.conftest import NEO4J_IMAGE
from tests.support import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SERVICES = sorted(COMPOSE["services"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_pinned_healthy_kept_and_local(name: str) -> None:
    service = COMPOSE["services"][name]
    assert re.search(r":\d+\.\d+\.\d+(-\w+)?$", service["image"])
    assert service["healthcheck"]["test"][0] == "CMD"
    assert all(str(port).startswith("127.0.0.1:") for port in service["ports"])
    named = [volume.split(":")[0] for volume in service["volumes"]]
    assert named
    assert set(named) <= set(COMPOSE["volumes"])


def test_the_images_are_those_of_this_version() -> None:
    assert COMPOSE["services"]["neo4j"]["image"] == NEO4J_IMAGE
    assert Settings.model_fields["neo4j_version"].default in NEO4J_IMAGE
    assert COMPOSE["services"]["api"]["image"] == f"journeygraph:{__version__}"


def test_the_api_waits_for_a_healthy_database_and_asks_whether_it_is_ready() -> None:
    api = COMPOSE["services"]["api"]
    assert api["depends_on"]["neo4j"]["condition"] == "service_healthy"
    assert "/readyz" in api["healthcheck"]["test"][-1]


def test_no_password_is_written_down() -> None:
    for service in COMPOSE["services"].values():
        for name, value in service["environment"].items():
            if "PASSWORD" in name or "AUTH" in name:
                assert "${NEO4J_PASSWORD:?" in value


def test_the_image_is_built_from_hashes_and_runs_as_a_user() -> None:
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["python:3.13-slim-bookworm"] * 2
    assert re.search(r"^USER journeygraph$", DOCKERFILE, re.MULTILINE)
    copied = [line.split()[1:-1] for line in DOCKERFILE.splitlines() if line.startswith("COPY ") and "--" not in line]
    assert all((ROOT / path).exists() for paths in copied for path in paths)


def test_the_entrypoint_makes_one_first_key(tmp_path: Path) -> None:
    program = tmp_path / "bin" / "journeygraph"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\necho "jg_key for $*"\n', encoding="utf-8")
    program.chmod(0o755)
    environment = {"PATH": f"{program.parent}:/usr/bin:/bin", "JOURNEYGRAPH_HOME": str(tmp_path)}

    def enter(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [ROOT / "docker-entrypoint.sh", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert enter("--version").stderr == ""
    assert "first API key" in enter("serve").stderr
    assert (tmp_path / "first-key").read_text(encoding="utf-8") == "jg_key for keys create first key\n"
    assert (tmp_path / "first-key").stat().st_mode & 0o077 == 0
    (tmp_path / "keys.json").write_text("[{}]", encoding="utf-8")
    assert enter("serve").stderr == ""
