"""The application as it is bound: which deployments there are, and what each is given."""

from __future__ import annotations

from typing import Any

import pytest
from ray.serve._private.build_app import build_app
from ray.serve.handle import DeploymentHandle

from serve_app.app import build
from serve_app.replicas.composed import ComposedPlacement
from serve_app.replicas.fused import FusedPlacement


def deployments(**arguments: Any) -> dict[str, Any]:
    """Return the application's deployments by name, as Serve itself takes the bound graph apart."""
    app = build({"KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", **arguments})
    built = build_app(app, name="test", default_runtime_env=None, make_deployment_handle=_handle)
    return {deployment.name: deployment for deployment in built.deployments}


def _handle(deployment: Any, app_name: str) -> DeploymentHandle:
    return DeploymentHandle(deployment.name, app_name)


def test_composed_steps_are_deployments_of_their_own() -> None:
    """One lookup, scorer and explainer, whose handles both doors hold."""
    found = deployments(graph="composed")
    assert found.keys() == {"http", "gateway", "lookup", "scorer", "explainer", "shadow"}
    for door, place in (("http", 2), ("gateway", 0)):
        placement = found[door].init_args[place]
        assert isinstance(placement, ComposedPlacement)
        names = [handle.deployment_name for handle in (placement.lookup, placement.scorer, placement.explainer)]
        assert names == ["lookup", "scorer", "explainer"]


def test_fused_steps_are_in_the_doors() -> None:
    """The challenger alone stays a deployment: it must not take the doors' time."""
    found = deployments(graph="fused")
    assert found.keys() == {"http", "gateway", "shadow"}
    for door, place in (("http", 2), ("gateway", 0)):
        placement = found[door].init_args[place]
        assert isinstance(placement, FusedPlacement)
        assert placement.shadow.deployment_name == "shadow"


@pytest.mark.parametrize("graph", ["composed", "fused"])
def test_parts_that_are_not_wanted_are_not_there(graph: str) -> None:
    """Neither gateway nor challenger has to be part of it."""
    assert not deployments(graph=graph, with_gateway=False, shadow=False).keys() & {"gateway", "shadow"}
