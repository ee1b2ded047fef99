"""What goes to Kubernetes, held against its schemas and its operators' own, which know no other field."""

from __future__ import annotations

import copy
import json
import re
import tomllib
from typing import Any

import pytest

from tests.fixtures.kubernetes import HELM_VERSION, Refused, check, rendered, strict
from tests.unit.deploy.files import CHART, COMPOSE, PREPARE_JOB, RAY_SERVICE, ROOT, SERVE_CONFIG, load
from tests.unit.deploy.test_docker import INSTRUCTIONS, stages

DESK = (
    *("--set", "desk.enabled=true", "--set", "desk.publicUrl=https://desk.bank.example"),
    *("--set", "identityProvider.metadataUrl=https://login.bank.example/.well-known/openid-configuration"),
    *("--set", "identityProvider.issuer=https://login.bank.example"),
    *("--set", "identityProvider.jwksUrl=https://login.bank.example/jwks.json"),
)
EVERYTHING = (
    *DESK,
    *("--set", "serviceMonitor.enabled=true", "--set", "serviceMonitor.labels.release=prometheus"),
    *("--set", "existingFilesSecret=loanstream-files", "--set", "prepare.tablesClaim=tables"),
    *("--set", "graph.gcsFaultTolerance.redisAddress=redis.bank.example:6379"),
    *("--set", "image.registry=registry.bank.example", "--set", "image.pullSecrets[0].name=pull"),
    *("--set", "networkPolicy.servers.to[0].ipBlock.cidr=10.0.0.0/8"),
    *("--set", "monitor.storage.className=fast", "--set", "monitor.publicUrl=https://monitor.bank.example"),
)
LEAST = tuple(
    option
    for part in ("monitor", "ledger", "prepare", "networkPolicy", "podDisruptionBudget")
    for option in ("--set", f"{part}.enabled=false")
)


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    """The chart with all that it can have."""
    return rendered(CHART, *EVERYTHING)


def pods(documents: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the pods' specs by the name of their first container."""
    found = []
    for document in documents:
        if document["kind"] == "RayService":
            cluster = document["spec"]["rayClusterConfig"]
            found += [group["template"]["spec"] for group in (cluster["headGroupSpec"], *cluster["workerGroupSpecs"])]
        elif document["kind"] in ("Deployment", "Job"):
            found.append(document["spec"]["template"]["spec"])
    return {pod["containers"][0]["name"]: pod for pod in found}


@pytest.mark.parametrize("path", [RAY_SERVICE, PREPARE_JOB], ids=["rayservice", "prepare-job"])
def test_kubernetes_accepts_the_files_of_kuberay(path: Any) -> None:
    check(load(path))


@pytest.mark.parametrize("options", [(), EVERYTHING, LEAST], ids=["by default", "everything", "the graph alone"])
def test_kubernetes_accepts_the_chart(options: tuple[str, ...]) -> None:
    for document in rendered(CHART, *options):
        check(document)


def test_the_graph_alone_is_the_graph_alone() -> None:
    assert [document["kind"] for document in rendered(CHART, *LEAST)] == ["RayService"]


def test_a_field_that_nobody_knows_is_refused(documents: list[dict[str, Any]]) -> None:
    """The checks above can fail, deep inside each kind: core ones, Ray's and the Prometheus operator's."""
    for document in documents:
        wrong = copy.deepcopy(document)
        _deepest(wrong["spec"])["unknownField"] = "x"
        with pytest.raises(Refused):
            check(wrong)


def _deepest(part: dict[str, Any]) -> dict[str, Any]:
    """Return an object inside whose fields are all named by a schema: a container, a port, the spec itself."""
    for key in ("template", "spec", "headGroupSpec", "rayClusterConfig", "podMetricsEndpoints", "endpoints"):
        inner = part.get(key)
        if isinstance(inner, list) and isinstance(inner[0], dict):
            return _deepest(inner[0])
        if isinstance(inner, dict):
            return _deepest(inner)
    return part


def test_a_strict_schema_takes_what_kubernetes_takes() -> None:
    """Numbers or texts, kept fields and maps stay as they are; only what is named is closed."""
    schema = {
        "type": "object",
        "properties": {
            "port": {"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]},
            "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": {}}},
            "map": {"type": "object", "additionalProperties": {"type": "string"}},
            "type": {"type": "string"},
        },
    }
    made = strict(schema)
    assert made["additionalProperties"] is False
    assert made["properties"]["port"] == {"type": ["integer", "string"]}
    assert "additionalProperties" not in made["properties"]["any"]
    assert made["properties"]["map"]["additionalProperties"] == {"type": "string"}
    assert made["properties"]["type"] == {"type": "string"}


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("graph.workers.min=1", "minimum"),
        ("ledger.enable=false", "additional"),
        ("image.pullPolicy=Sometimes", "pullPolicy"),
        ("desk.enabled=true", "identityProvider.metadataUrl"),
        ("existingSecret=", "existingSecret"),
    ],
)
def test_a_wrong_value_is_refused_with_what_it_lacks(option: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        rendered(CHART, "--set", option)


def test_the_chart_serves_the_same_graph(documents: list[dict[str, Any]]) -> None:
    """And runs the same Ray, with the same variables, as the RayService beside it."""
    import yaml

    ours = next(document for document in documents if document["kind"] == "RayService")["spec"]
    assert yaml.safe_load(ours["serveConfigV2"]) == load(SERVE_CONFIG)
    cluster, theirs = ours["rayClusterConfig"], load(RAY_SERVICE)["spec"]["rayClusterConfig"]
    assert cluster["rayVersion"] == theirs["rayVersion"]
    for group, other in zip(_groups(cluster), _groups(theirs), strict=True):
        (container,), (beside,) = group["template"]["spec"]["containers"], other["template"]["spec"]["containers"]
        assert [v for v in container["env"] if v in beside["env"]] == beside["env"]
        assert container["ports"] == beside["ports"]
        assert group["rayStartParams"] == other["rayStartParams"]
        assert container["resources"] == beside["resources"]


def _groups(cluster: dict[str, Any]) -> list[dict[str, Any]]:
    return [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]]


def test_the_chart_runs_the_images_of_compose() -> None:
    """Same names and versions by default; another registry and tag by values."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    chart = load(CHART / "Chart.yaml")
    assert chart["version"] == chart["appVersion"] == version
    built = {service["image"] for service in load(COMPOSE)["services"].values() if "build" in service}
    used = {c["image"] for pod in pods(rendered(CHART, *DESK)).values() for c in pod["containers"]}
    assert used == {image for image in built if "/mlflow:" not in image}
    other = pods(rendered(CHART, "--set", "image.registry=r.example", "--set", "image.tag=v9"))
    assert other["monitor"]["containers"][0]["image"] == "r.example/loanstream/monitor:v9"


@pytest.mark.parametrize("role", ["monitor", "ledger", "desk"])
def test_a_probe_asks_what_the_images_health_check_asks(documents: list[dict[str, Any]], role: str) -> None:
    (check_line,) = [line for line in stages()[role] if line.startswith("HEALTHCHECK ")]
    asked = set(re.findall(r"http://localhost:(\d+)(/[\w/]*)", check_line))
    probed = set()
    for pod in pods(documents).values():
        for container in pod["containers"]:
            if f"/{role}:" in container["image"]:
                for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
                    get = container[probe]["httpGet"]
                    probed.add((str(get["port"]), get["path"]))
                    assert get["port"] in [port["containerPort"] for port in container["ports"]]
    assert probed == asked


def test_ci_builds_the_helm_that_is_looked_for() -> None:
    assert f"helm_version={HELM_VERSION}\n" in (ROOT / ".ci/run").read_text()


def test_every_pod_is_unprivileged_and_bounded(documents: list[dict[str, Any]]) -> None:
    user = next(line for line in INSTRUCTIONS if "useradd" in line)
    number = int(re.findall(r"--uid (\d+)", user)[0])
    for name, pod in pods(documents).items():
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["securityContext"]["runAsUser"] == number
        assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert pod["automountServiceAccountToken"] is (name == "ray-head")
        for container in pod["containers"]:
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
            }
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()
            assert container["envFrom"] == [{"secretRef": {"name": "loanstream"}}]


def test_no_secret_is_in_the_chart(documents: list[dict[str, Any]]) -> None:
    """Secrets are named and stand in an example; none is made, and none is a value."""
    assert not [document for document in documents if document["kind"] == "Secret"]
    examples = (ROOT / "deploy/cluster.env.example").read_text() + (ROOT / ".env.example").read_text()
    keys = set(re.findall(r'"secretKeyRef": {"name": "loanstream", "key": "(\w+)"', json.dumps(documents)))
    assert keys >= {"DATABASE_URL", "LOANSTREAM_DESK_COOKIE_SECRET"}
    assert all(re.search(rf"^(# )?{key}=", examples, re.M) for key in keys)


def test_what_may_be_called_may_be_reached(documents: list[dict[str, Any]]) -> None:
    """Each service's port is opened by a policy to that role's pods, and a role's call to another by both sides."""
    policies = [document["spec"] for document in documents if document["kind"] == "NetworkPolicy"]
    for service in (document for document in documents if document["kind"] == "Service"):
        role = service["spec"]["selector"]["app.kubernetes.io/component"]
        opened = _opened(policies, "ingress", role)
        assert {port["targetPort"] for port in service["spec"]["ports"]} <= opened, role
    for caller, port, called in (("ray", 9470, "ledger"), ("ledger", 8000, "ray"), ("ledger", 9464, "monitor")):
        assert port in _opened(policies, "egress", caller)
        assert port in _opened(policies, "ingress", called)
    assert 8000 in _opened(policies, "egress", "desk")


def _opened(policies: list[dict[str, Any]], way: str, role: str) -> set[int]:
    mine = [p for p in policies if p["podSelector"]["matchLabels"].get("app.kubernetes.io/component") == role]
    return {port["port"] for policy in mine for rule in policy.get(way, []) for port in rule.get("ports", [])}
