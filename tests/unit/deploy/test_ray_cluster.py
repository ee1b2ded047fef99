"""Ray's own schemas over the files that are Ray's to read; no Ray is started for that."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.unit.deploy.files import CLUSTERS, COMPOSE, DOCKERFILE, RAY_SERVICE, ROOT, SERVE_CONFIG, load

IDS = [path.name for path in CLUSTERS]


@pytest.mark.parametrize("path", CLUSTERS, ids=IDS)
def test_the_launcher_accepts_the_file_as_written(path: Path) -> None:
    """The file fits ray-schema.json, which allows no unknown key."""
    import ray.autoscaler

    schema = json.loads((Path(ray.autoscaler.__file__).parent / "ray-schema.json").read_text())
    jsonschema.validate(load(path), schema)


@pytest.mark.parametrize("path", CLUSTERS, ids=IDS)
def test_the_launcher_accepts_the_file_as_it_completes_it(path: Path) -> None:
    """`ray up` prepares and validates the file in these two steps before it starts anything."""
    from ray.autoscaler._private.util import prepare_config, validate_config

    prepared = prepare_config(load(path))
    validate_config(prepared)
    assert prepared["max_workers"] >= 2


def test_the_launcher_would_refuse_a_misspelt_key() -> None:
    """The check above can fail: a key that Ray does not know is refused."""
    import ray.autoscaler

    schema = json.loads((Path(ray.autoscaler.__file__).parent / "ray-schema.json").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**load(CLUSTERS[0]), "max_worker": 4}, schema)


@pytest.mark.parametrize("path", CLUSTERS, ids=IDS)
def test_mounted_files_have_an_example(path: Path) -> None:
    """What the launcher lays on the nodes stands beside an example to copy."""
    for source in load(path)["file_mounts"].values():
        assert (ROOT / f"{source}.example").is_file()


def throughput_of(path: Path) -> dict[str, str]:
    """Return the RAY_* variables that a file gives to Ray's processes."""
    found = re.findall(
        r"""(RAY_(?:SERVE|USAGE|worker)_\w+)(?:=|, value: )("[^"]*"|'[^']*'|[\w.:]+)""", path.read_text()
    )
    return {name: value.strip("\"'") for name, value in found}


@pytest.mark.parametrize("path", [*CLUSTERS, RAY_SERVICE], ids=[*IDS, RAY_SERVICE.name])
def test_all_clusters_run_serve_alike(path: Path) -> None:
    """HAProxy and its companions are set the same wherever Ray starts: in the image, the launcher and KubeRay."""
    in_image = throughput_of(DOCKERFILE)
    assert in_image["RAY_SERVE_ENABLE_HA_PROXY"] == in_image["RAY_SERVE_THROUGHPUT_OPTIMIZED"] == "1"
    assert throughput_of(path) == in_image


def serve_config_of(path: Path) -> Any:
    import yaml

    return load(path) if path == SERVE_CONFIG else yaml.safe_load(load(path)["spec"]["serveConfigV2"])


@pytest.mark.parametrize("path", [SERVE_CONFIG, RAY_SERVICE], ids=["serve_config", "rayservice"])
def test_serve_accepts_the_graph(path: Path) -> None:
    """Serve's schema accepts the config, and it names the application that the stack and the monitor know."""
    from ray.serve.schema import ServeDeploySchema

    schema = ServeDeploySchema.model_validate(serve_config_of(path))
    (application,) = schema.applications
    assert (application.name, application.route_prefix) == ("loanstream", "/")
    assert application.import_path == "serve_app.app:build"


def test_the_config_sets_what_the_graph_knows() -> None:
    """Every argument in the Serve config is a field of the graph's settings."""
    from serve_app.settings import ServingSettings

    (application,) = load(SERVE_CONFIG)["applications"]
    assert application["args"].keys() <= ServingSettings.model_fields.keys()


def test_kuberay_serves_the_same_graph() -> None:
    """The config inside the RayService is the one in deploy/serve_config.yaml."""
    assert serve_config_of(RAY_SERVICE) == load(SERVE_CONFIG)


def test_kuberay_runs_the_ray_that_is_locked() -> None:
    """The RayService names the Ray version of the lock file, and the images that Compose builds."""
    locked = re.search(r"^ray(?:\[\w+\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert locked is not None
    cluster = load(RAY_SERVICE)["spec"]["rayClusterConfig"]
    assert cluster["rayVersion"] == locked[1]
    groups = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]
    images = {container["image"] for group in groups for container in group["template"]["spec"]["containers"]}
    assert images == {load(COMPOSE)["services"]["ray-head"]["image"]} == {load(CLUSTERS[0])["docker"]["image"]}


@pytest.mark.parametrize("group", [0, 1], ids=["head", "worker"])
def test_pods_get_their_secrets_from_kubernetes(group: int) -> None:
    """Pods run unprivileged, within limits, and take keys and addresses from one secret."""
    cluster = load(RAY_SERVICE)["spec"]["rayClusterConfig"]
    pod = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]][group]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    (container,) = pod["containers"]
    assert container["envFrom"] == [{"secretRef": {"name": "loanstream"}}]
    assert container["securityContext"]["allowPrivilegeEscalation"] is False
    assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
