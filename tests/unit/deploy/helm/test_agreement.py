"""Chart, Compose, KubeRay's files and the Dockerfile say the same of each role."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from tests.unit.deploy.files import COMPOSE, DOCKERFILE, RAY_SERVICE, ROOT, SERVE_CONFIG, load
from tests.unit.deploy.helm.rendering import CHART, EVERYTHING, containers, documents, named, pods
from tests.unit.deploy.helm.tools import HELM_VERSION
from tests.unit.deploy.test_docker import stages

SERVICES: dict[str, Any] = load(COMPOSE)["services"]
ROLES = ["ray-head", "ray-worker", "monitor", "ledger-sink", "ledger-door", "desk", "mlflow", "prepare"]
SERVERS = ["monitor", "ledger-sink", "ledger-door", "desk", "mlflow"]
# Compose writes addresses with passwords down from parts; on Kubernetes they come whole, from a Secret.
BY_ENV_FROM = {"ray-head", "ray-worker", "prepare"}
# What only one of the two has a use for, and why it is not the other's.
OF_COMPOSE = {
    "LOANSTREAM_LEDGER_BOOK",  # prepare's folder, which no other pod mounts
    "LOANSTREAM_DESK_OIDC_SCOPE",
    "LOANSTREAM_DESK_OIDC_TOKEN",
    "RAY_AUTH_MODE",  # the operator hands Ray's token to its pods
    "RAY_AUTH_TOKEN",
}
OF_THE_CHART = {"POD_IP"}


def names(container: dict[str, Any]) -> set[str]:
    return {variable["name"] for variable in container.get("env", [])}


def examples() -> set[str]:
    texts = [(ROOT / name).read_text() for name in ("deploy/cluster.env.example", ".env.example")]
    return set(re.findall(r"^(?:# )?([A-Z_]+)=", "\n".join(texts), re.MULTILINE))


def test_the_chart_is_of_this_version() -> None:
    """The chart installs the images of the project's version."""
    version = re.search(r'^version = "(.*)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert version is not None
    assert load(CHART / "Chart.yaml")["appVersion"] == version[1]


def test_the_helm_that_is_built_is_the_one_that_is_looked_for() -> None:
    """`make helm` puts this version where the tests look."""
    makefile = (ROOT / "Makefile").read_text()
    assert re.findall(r"helm-([\d.]+)$", makefile, re.MULTILINE) == [HELM_VERSION]
    assert re.findall(r"cmd/helm@v([\d.]+)", makefile) == [HELM_VERSION]


def test_the_same_graph_is_served() -> None:
    """The chart's RayService holds deploy/serve_config.yaml."""
    assert yaml.safe_load(named("RayService", "loanstream")["spec"]["serveConfigV2"]) == load(SERVE_CONFIG)


@pytest.mark.parametrize("role", ROLES)
def test_images_are_those_of_compose(role: str) -> None:
    """A role runs the image that Compose builds for it."""
    assert containers(*EVERYTHING)[role]["image"] == SERVICES[role]["image"]


@pytest.mark.parametrize("role", SERVERS)
def test_probes_ask_what_the_health_checks_ask(role: str) -> None:
    """Each probe asks the address of Compose's health check, which the image's own names too."""
    (url,) = (word for word in SERVICES[role]["healthcheck"]["test"] if word.startswith("http"))
    container = containers(*EVERYTHING)[role]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert f"http://localhost:{asked['port']}{asked['path']}" == url
    target = SERVICES[role]["image"].split("/")[1].split(":")[0]
    assert any(url in line for line in stages()[target] if line.startswith(("HEALTHCHECK", "EXPOSE")))


@pytest.mark.parametrize("role", SERVERS)
def test_ports_are_those_of_compose(role: str) -> None:
    """A role listens at the ports that Compose publishes, and the image exposes them."""
    mine = {port["containerPort"] for port in containers(*EVERYTHING)[role]["ports"]}
    published = {int(port.rsplit(":", 1)[1]) for port in SERVICES[role]["ports"]}
    target = SERVICES[role]["image"].split("/")[1].split(":")[0]
    exposed = {int(p) for line in stages()[target] if line.startswith("EXPOSE") for p in line.split()[1:]}
    assert mine == published <= exposed


@pytest.mark.parametrize("role", ["ledger-sink", "ledger-door", "monitor", "desk", "mlflow", "prepare"])
def test_commands_are_those_of_compose(role: str) -> None:
    """A role runs Compose's command, else the image's; where the chart says none the image's stands."""
    target = SERVICES[role]["image"].split("/")[1].split(":")[0]
    (of_image,) = (yaml.safe_load(line[4:]) for line in stages()[target] if line.startswith("CMD "))
    wanted = SERVICES[role].get("command", of_image)
    assert containers(*EVERYTHING)[role].get("command", of_image) == wanted


@pytest.mark.parametrize("role", ROLES)
def test_variables_are_those_of_compose(role: str) -> None:
    """A role is told what Compose tells it; a whole Secret may stand for what the example of that Secret lists."""
    mine = names(containers(*EVERYTHING)[role]) - OF_THE_CHART
    theirs = set(SERVICES[role]["environment"]) - OF_COMPOSE
    if role in BY_ENV_FROM:
        mine |= examples() & theirs
    image = set(re.findall(r"\b((?:RAY|LOANSTREAM)_\w+)=", DOCKERFILE.read_text()))
    optional = {name for name in mine if name.startswith("LOANSTREAM_KAFKA_")}
    assert mine - image - optional <= theirs | {"LOANSTREAM_LEDGER_URL"}
    assert theirs - {"LOANSTREAM_LEDGER_URL"} <= mine


@pytest.mark.parametrize("role", ["ray-head", "ray-worker"])
def test_ray_is_told_what_kuberays_file_tells_it(role: str) -> None:
    """Ray's and Serve's variables, ports and start parameters are those of deploy/kuberay."""
    cluster = load(RAY_SERVICE)["spec"]["rayClusterConfig"]
    mine = named("RayService", "loanstream")["spec"]["rayClusterConfig"]
    theirs = [cluster["headGroupSpec"], *cluster["workerGroupSpecs"]][role == "ray-worker"]
    ours = [mine["headGroupSpec"], *mine["workerGroupSpecs"]][role == "ray-worker"]
    assert ours["rayStartParams"] == theirs["rayStartParams"]
    assert mine["rayVersion"] == cluster["rayVersion"]
    (container,) = theirs["template"]["spec"]["containers"]
    given = {v["name"]: v["value"] for v in containers()[role]["env"]}
    assert given.items() >= {v["name"]: v["value"] for v in container["env"]}.items()
    for field in ("ports", "resources", "envFrom", "image"):
        assert containers()[role][field] == container[field], field


@pytest.mark.parametrize("settings", [(), EVERYTHING], ids=["default", "everything"])
def test_pods_have_no_rights(settings: tuple[str, ...]) -> None:
    """Every pod runs as the image's user without a way to more rights, and all but Ray's on a read-only root."""
    assert "--uid 10001" in DOCKERFILE.read_text()
    for role, pod in pods(*settings).items():
        assert pod["spec"]["securityContext"] == {
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "fsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"},
        }
        assert pod["spec"]["automountServiceAccountToken"] is (role == "ray-head")
        for container in pod["spec"]["containers"]:
            confined = container["securityContext"]
            assert confined["allowPrivilegeEscalation"] is False
            assert confined["capabilities"] == {"drop": ["ALL"]}
            assert confined.get("readOnlyRootFilesystem", False) is not role.startswith("ray-")
            assert {"cpu", "memory"} <= container["resources"]["limits"].keys()


@pytest.mark.parametrize("role", ["ray-head", "ray-worker", "monitor", "ledger-sink", "ledger-door", "prepare"])
def test_whoever_speaks_to_kafka_reads_the_brokers_authority(role: str) -> None:
    """The file that the variable names is mounted from the ConfigMap, and nothing of it is there without one."""
    container = containers(*EVERYTHING)[role]
    (path,) = (v["value"] for v in container["env"] if v["name"] == "LOANSTREAM_KAFKA_SSL_CA_FILE")
    (mount,) = (m for m in container["volumeMounts"] if path == f"{m['mountPath']}/ca.pem")
    pod = pods(*EVERYTHING)["ledger" if role.startswith("ledger") else role]
    (volume,) = (v for v in pod["spec"]["volumes"] if v["name"] == mount["name"])
    assert volume["configMap"]["name"] == "brokers-ca"
    assert "LOANSTREAM_KAFKA_SSL_CA_FILE" not in names(containers()[role])


def test_keys_of_secrets_stand_in_an_example() -> None:
    """Whoever fills in the examples has every key that the chart asks a Secret for."""
    asked = {
        variable["valueFrom"]["secretKeyRef"]["key"]
        for container in [*containers().values(), *containers(*EVERYTHING).values()]
        for variable in container.get("env", [])
        if "secretKeyRef" in variable.get("valueFrom", {})
    }
    assert {"DATABASE_URL", "REDIS_URL", "MLFLOW_BACKEND_STORE_URI"} <= asked <= examples()


def test_every_pod_has_a_policy_and_a_service_selects_one() -> None:
    """Whatever runs has a policy of its own beside the refusal of everything, and no selector selects nothing."""
    labels = [pod["metadata"]["labels"] for pod in pods(*EVERYTHING).values()]
    roles = {label["app.kubernetes.io/component"] for label in labels}
    of = {"NetworkPolicy": "podSelector", "PodDisruptionBudget": "selector"}
    policies = set()
    for document in documents(*EVERYTHING):
        if document["kind"] in of:
            selector = document["spec"][of[document["kind"]]]["matchLabels"]
        elif document["kind"] == "Service":
            selector = document["spec"]["selector"]
        else:
            continue
        assert any(selector.items() <= label.items() for label in labels), document["metadata"]["name"]
        if document["kind"] == "NetworkPolicy":
            policies.add(selector.get("app.kubernetes.io/component"))
    assert policies == roles | {None}
