"""The usual service: FastAPI with shap's TreeExplainer, the clients' features in a data frame, no audit.

So do the projects that this one learned from: a LightGBM model, a row of a table, `predict_proba` and `shap_values`
for each request. `python -m benchmarks.http.usual --help`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from fastapi import FastAPI
from pydantic import BaseModel

from credit.features import assemble
from credit.wire.application import parse_applications
from serve_app.models.configured import champion_source
from serve_app.models.loaded_model import LoadedModel
from serve_app.settings import ServingSettings
from serve_app.stores import configured_store


class Client(BaseModel):
    """The body of a request."""

    sk_id_curr: int


def create_app(settings: ServingSettings, ids: list[int]) -> FastAPI:
    """Return the service of the clients `ids`, whose features are put into a data frame at the start."""
    import lightgbm
    import pandas as pd
    import shap

    source = champion_source(settings)
    version = source.current()
    folder = source.folder(version)
    model = LoadedModel.load(folder, version)
    booster = lightgbm.Booster(model_file=str(folder / model.manifest.booster))
    explainer = shap.TreeExplainer(booster)
    store = configured_store(settings)
    clients = np.array(ids, dtype=np.int64)
    rows = [b'{"application":' + row + b"}" for row in store.applications(clients) if row is not None]
    applications = parse_applications(rows, [0] * len(rows)).batch
    X = model.features(assemble(applications.values, store.history(applications.client_ids)[0]))
    table = pd.DataFrame(X, columns=list(model.ref.features), index=applications.client_ids)
    app = FastAPI()

    @app.post("/explain")
    def explain(client: Client) -> dict[str, Any]:
        row = table.loc[[client.sk_id_curr]]
        probability = float(np.asarray(booster.predict(row, num_threads=1))[0])
        values = np.asarray(explainer.shap_values(row)).reshape(-1, len(table.columns))[0]
        return {
            "sk_id_curr": client.sk_id_curr,
            "probability_refusal": probability,
            "base_value": float(np.ravel(explainer.expected_value)[-1]),
            "contributions": dict(zip(table.columns, values.tolist(), strict=True)),
        }

    return app


def main() -> None:
    """Serve until ended."""
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--ids", type=Path, required=True)
    options = parser.parse_args()
    ids = [int(line) for line in options.ids.read_text().split()]
    uvicorn.run(create_app(ServingSettings(), ids), host="127.0.0.1", port=options.port, log_level="warning")


if __name__ == "__main__":
    main()
