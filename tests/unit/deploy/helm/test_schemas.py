"""Every document that the chart renders is one that Kubernetes and the operators know, to the last field."""

from __future__ import annotations

import copy
from typing import Any

import jsonschema
import pytest
from kubernetes_validate.utils import validate as validate_kubernetes

from tests.unit.deploy.files import RAY_SERVICE, ROOT, load
from tests.unit.deploy.helm import structural
from tests.unit.deploy.helm.rendering import EVERYTHING, LEAST, documents, named, run
from tests.unit.deploy.helm.tools import definition_of

KUBERNETES = "1.34"
OPERATORS = ("ray.io", "monitoring.coreos.com")
VALUES = pytest.mark.parametrize("settings", [(), EVERYTHING, LEAST], ids=["default", "everything", "least"])


def check(document: dict[str, Any]) -> None:
    """Refuse a document with a field that its kind does not have."""
    group = document["apiVersion"].split("/")[0]
    if group in OPERATORS:
        structural.validate(document, definition_of(document["kind"], group))
    else:
        validate_kubernetes(document, KUBERNETES, strict=True)


@VALUES
@pytest.mark.parametrize("group", ["kubernetes", "ray.io", "monitoring.coreos.com"])
def test_every_document_is_known(settings: tuple[str, ...], group: str) -> None:
    """Nothing that is rendered has a field that its kind does not list."""
    of = [d["apiVersion"].split("/")[0] for d in documents(*settings)]
    mine = [
        d
        for d, own in zip(documents(*settings), of, strict=True)
        if own == group or (group == "kubernetes" and own not in OPERATORS)
    ]
    assert mine or (group == "monitoring.coreos.com" and settings != EVERYTHING)
    for document in mine:
        check(document)


@pytest.mark.parametrize("path", [RAY_SERVICE, ROOT / "deploy/kuberay/prepare-job.yaml"], ids=lambda p: p.name)
def test_the_files_for_kubectl_are_known(path: Any) -> None:
    """The files beside the chart are as sound."""
    check(load(path))


def test_an_unknown_field_of_a_ray_service_is_refused() -> None:
    """The check can fail: deep in a pod's template, at the top and beside the groups."""
    deep = ("rayClusterConfig", "headGroupSpec", "template", "spec", "containers", 0)
    for depth in (0, 1, len(deep)):
        planted = copy.deepcopy(load(RAY_SERVICE))
        place: Any = planted["spec"]
        for step in deep[:depth]:
            place = place[step]
        place["imagePullPolice"] = "Always"
        with pytest.raises(jsonschema.ValidationError, match="imagePullPolice"):
            check(planted)


def test_an_unknown_field_of_a_job_is_refused() -> None:
    """The check of Kubernetes' own kinds can fail."""
    planted = copy.deepcopy(load(ROOT / "deploy/kuberay/prepare-job.yaml"))
    planted["spec"]["template"]["spec"]["containers"][0]["comand"] = ["true"]
    with pytest.raises(jsonschema.ValidationError, match="comand"):
        check(planted)


def test_an_unknown_field_of_a_service_monitor_is_refused() -> None:
    """The check of the Prometheus operator's kinds can fail, within an endpoint too."""
    monitor = {"apiVersion": "monitoring.coreos.com/v1", "kind": "ServiceMonitor", "metadata": {"name": "x"}}
    check({**monitor, "spec": {"selector": {}, "endpoints": [{"port": "http", "interval": "15s", "path": "/metrics"}]}})
    misspelt: list[dict[str, Any]] = [{"selektor": {}}, {"endpoints": [{"prot": "http"}]}]
    for spec in misspelt:
        with pytest.raises(jsonschema.ValidationError):
            check({**monitor, "spec": spec})


@pytest.mark.parametrize("setting", ["imaeg.tag=1", "secrets.cluster=", "ray.worker.replicas=two", "desk.enabled=1"])
def test_misspelt_values_are_refused(setting: str) -> None:
    """Helm refuses values that the chart does not know, by values.schema.json."""
    done = run(setting)
    assert done.returncode != 0
    assert "values.schema.json" in done.stderr or "specifications of the schema" in done.stderr, done.stderr


def test_nothing_secret_is_rendered() -> None:
    """The chart renders no Secret, and takes what is secret by reference."""
    assert "Secret" not in {d["kind"] for d in documents(*EVERYTHING)}
    assert named("RayService", "loanstream")
