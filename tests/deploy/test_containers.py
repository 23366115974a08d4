"""What brings Paadas into containers: by the schemas of those who read it, and in agreement with the program."""

import json
import os
import re
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from compose_pydantic import ComposeSpecification
from prometheus_client import REGISTRY

from server.cli import main
from server.live import metrics
from tests.support.nginx import wait_for_port
from tests.support.programs import find_program, running_program
from tests.support.server import ROOT, free_port

DEPLOY = ROOT / "deploy"
KUBERNETES = "1.34"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
PODS = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text("utf-8")))
DASHBOARD = json.loads((DEPLOY / "grafana" / "paadas.json").read_text("utf-8"))
VARIABLES = {parameter.envvar for parameter in main.params}


def named(kind: str) -> dict[str, Any]:
    return next(each for each in PODS if each["kind"] == kind)


def test_compose_understands_the_file() -> None:
    ComposeSpecification.model_validate(COMPOSE)


def test_compose_mounts_files_that_are_there_and_volumes_that_it_makes() -> None:
    for name, service in COMPOSE["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).is_file(), (name, source)
            else:
                assert source.startswith("/etc/") or source in COMPOSE["volumes"], (name, source)
        assert set(service.get("depends_on", [])) <= set(COMPOSE["services"])


def test_compose_starts_only_what_is_asked_for() -> None:
    always = {name for name, service in COMPOSE["services"].items() if "profiles" not in service}
    assert always == {"tables", "paadas", "database", "queue", "nginx"}
    assert not any("ports" in COMPOSE["services"][name] for name in always - {"nginx"}), "only nginx is for visitors"


@pytest.mark.parametrize("each", PODS, ids=lambda each: each["kind"])
def test_kubernetes_understands_the_file(each: dict[str, Any]) -> None:
    kubernetes_validate.validate(each, KUBERNETES, strict=True)


def test_kubernetes_finds_what_the_parts_name() -> None:
    pod = named("Deployment")["spec"]["template"]
    for kind in ("Service", "PodDisruptionBudget"):
        spec = named(kind)["spec"]
        assert spec["selector"].get("matchLabels", spec["selector"]).items() <= pod["metadata"]["labels"].items()
    containers = pod["spec"]["initContainers"] + pod["spec"]["containers"]
    mounted = {mount["name"] for each in containers for mount in each["volumeMounts"]}
    assert mounted == {each["name"] for each in pod["spec"]["volumes"]}
    assert len({each["image"] for each in containers}) == 1
    scaled = named("HorizontalPodAutoscaler")["spec"]
    assert scaled["scaleTargetRef"]["name"] == named("Deployment")["metadata"]["name"]
    assert scaled["metrics"][0]["pods"]["metric"]["name"] in counted()


def test_a_stop_has_time_enough() -> None:
    """deploy/systemd gives 20 s."""
    grace_s = named("Deployment")["spec"]["template"]["spec"]["terminationGracePeriodSeconds"]
    assert COMPOSE["services"]["paadas"]["stop_grace_period"] == "20s" and grace_s >= 25


def test_only_variables_that_are_read_are_set() -> None:
    given = [*COMPOSE["services"]["paadas"]["environment"]]
    given += [each["name"] for each in named("Deployment")["spec"]["template"]["spec"]["containers"][0]["env"]]
    given += re.findall(r"(PAADAS_\w+)=", (DEPLOY / "Containerfile").read_text("utf-8"))
    assert set(given) <= VARIABLES


def counted() -> set[str]:
    """Names of all time series that the server has."""
    assert metrics.SESSIONS
    names = set()
    for family in REGISTRY.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"]}.get(family.type, [""])
        names |= {family.name + suffix for suffix in suffixes}
    return names


def test_the_dashboard_shows_what_there_is() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    asked = {name for panel in panels for each in panel["targets"] for name in re.findall(r"paadas_\w+", each["expr"])}
    assert asked <= counted()
    parts = ("sessions", "decision_seconds_bucket", "verdicts_total", "loop_lag_seconds_bucket", "store_pending")
    assert {f"paadas_{part}" for part in parts} <= asked
    datasource = yaml.safe_load((DEPLOY / "grafana" / "datasource.yaml").read_text("utf-8"))["datasources"][0]
    assert {panel["datasource"]["uid"] for panel in panels} == {datasource["uid"]}


def test_prometheus_asks_the_server(tmp_path: Path) -> None:
    file = DEPLOY / "prometheus" / "prometheus.yml"
    source = yaml.safe_load(file.read_text("utf-8"))["scrape_configs"][0]["dns_sd_configs"][0]
    assert source["names"] == ["paadas"] and source["port"] == 5000
    if promtool := shutil.which("promtool"):
        subprocess.run([promtool, "check", "config", file], check=True, timeout=30)


def buildah(*arguments: str | Path, limit_s: float = 900) -> str:
    command = ["buildah", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, timeout=limit_s).stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The root folder of a container of the image, which is made of this Debian."""
    if os.geteuid() or not all(map(shutil.which, ("buildah", "mmdebstrap"))):
        pytest.skip("an image is built by root, where buildah and mmdebstrap are installed")
    if not list((ROOT / "dist").glob("paadas-*.whl")):
        pytest.skip("there is no wheel in dist: make wheel")
    folder = tmp_path_factory.mktemp("image")
    codename = re.search(r"^VERSION_CODENAME=(\w+)", Path("/etc/os-release").read_text(), re.MULTILINE)
    assert codename
    base, name = f"localhost/paadas-base-{os.getpid()}", f"localhost/paadas-{os.getpid()}"
    wanted = "--include=ca-certificates,python3,python3-venv"
    subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase", wanted, codename[1], folder / "base"], check=True)
    scratch = buildah("from", "scratch")
    buildah("add", "--quiet", scratch, folder / "base", "/")
    buildah("commit", "--quiet", "--rm", scratch, base)
    how = ("--isolation", "chroot", "--format", "docker", "--build-arg", f"BASE={base}")
    buildah("build", *how, *trusted(), "--tag", name, "--file", DEPLOY / "Containerfile", ROOT)
    container = buildah("from", name)
    try:
        yield Path(buildah("mount", container))
    finally:
        buildah("rm", container)
        buildah("rmi", name, base)


def trusted() -> list[str]:
    """How this computer reaches the package registries, for the builder too."""
    files = [Path(each) for each in ("/etc/pip.conf", "/etc/apt/apt.conf.d", "/etc/ssl/certs")]
    return [f"--volume={file}:{file}:ro" for file in files if file.exists()]


@pytest.mark.slow
@pytest.mark.gateway
def test_the_image_serves_and_brings_no_more_than_it_needs(image: Path, tmp_path: Path) -> None:
    assert not list((image / "opt/paadas/lib").glob("python*/site-packages/pip")), "nothing can be installed in it"
    assert (image / "data").stat().st_uid == 5000
    port = free_port()
    command = [
        find_program("chroot", "/usr/sbin/chroot", package="coreutils"),
        "--userspec=5000:5000",
        image,
        "/opt/paadas/bin/paadas",
    ]
    environment = {"PAADAS_DATA": "/data", "PAADAS_PORT": str(port), "PAADAS_HOST": "127.0.0.1", "PATH": "/usr/bin"}
    with (
        (tmp_path / "log").open("w") as log,
        running_program(command, env=environment, stdout=log, stderr=log) as process,
    ):
        wait_for_port(port, process, tmp_path / "log")
        with urllib.request.urlopen(f"http://localhost:{port}/livez", timeout=60) as answer:
            assert answer.status == 200
