"""What is told of the model that a running stack decides by, over HTTP."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from serve_app.door.insight_bodies import CatalogAnswer, ImportanceAnswer, ModelPageAnswer, SimilarAnswer, VersionAnswer
from streaming.feed import read_rows
from tests.fixtures.stack import RunningStack

pytestmark = pytest.mark.integration


def test_the_model_is_told_as_it_was_trained(stack: RunningStack) -> None:
    """Card and evaluation from its folder, versions from the registry, contributions as a decision has them."""
    with stack.client() as client:
        page = ModelPageAnswer.model_validate_json(client.get("/v1/model").content)
        versions = TypeAdapter(list[VersionAnswer]).validate_json(client.get("/v1/model/versions").content)
        importance = ImportanceAnswer.model_validate_json(client.get("/v1/model/importance").content)
        client_id = client.get("/v1/clients", params={"limit": 1}).json()["clients"][0]
        explained = client.post("/explain", json={"sk_id_curr": client_id}).json()
    assert page.documents == "checked"
    assert page.card is not None
    assert page.card.startswith("# Model card")
    assert page.measures["auc"].low is not None
    assert {group.attribute for group in page.fairness} == {"age", "gender", "family"}
    champion = next(version for version in versions if "champion" in version.aliases)
    assert (champion.version, champion.digest) == (page.version, page.digest)
    assert champion.promoted_at is not None
    assert champion.measures["auc"] == page.measures["auc"].value
    assert importance.base_value == explained["base_value"]
    assert {feature.feature for feature in importance.features} <= set(explained["contributions"])


def test_a_client_on_file_is_found_and_compared(stack: RunningStack) -> None:
    """By the first digits of the id, with applicants of the sample by columns that the catalog lists."""
    on_file = next(iter(read_rows(stack.applications)))
    client_id = on_file["SK_ID_CURR"]
    by = ["AMT_CREDIT", "AMT_INCOME_TOTAL", "NAME_EDUCATION_TYPE"]
    with stack.client() as client:
        found = client.get("/v1/clients", params={"prefix": str(client_id), "limit": 100}).json()["clients"]
        catalog = CatalogAnswer.model_validate_json(client.get("/v1/catalog").content)
        body = {"sk_id_curr": client_id, "by": by, "count": 50}
        near = SimilarAnswer.model_validate_json(client.post("/v1/model/similar", json=body).content)
        sample = client.get("/v1/model/sample", params={"features": ",".join(by), "limit": 100}).json()
    assert found[0] == client_id
    assert near.client == {name: on_file[name] for name in by}
    assert near.distance == sorted(near.distance)
    assert near.compared == catalog.rows
    columns = {column.name: column for column in catalog.columns}
    assert set(sample["columns"]["NAME_EDUCATION_TYPE"]) <= {*columns["NAME_EDUCATION_TYPE"].categories, None}
    assert columns["AMT_CREDIT"].minimum is not None
    assert columns["AMT_CREDIT"].minimum <= min(sample["columns"]["AMT_CREDIT"])
