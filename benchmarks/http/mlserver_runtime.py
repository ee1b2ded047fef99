"""MLServer with a runtime of its own: the model and our kernel, adaptive batching, no audit.

Run by the Python of an environment that has MLServer beside the project's packages (`make bench-http MLSERVER=yes`).
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

import numpy as np
from mlserver import MLModel

from credit.features import assemble
from credit.wire.application import parse_applications
from serve_app.models.configured import champion_source
from serve_app.models.loaded_model import LoadedModel
from serve_app.settings import ServingSettings
from serve_app.stores import configured_store

_NAME = "explain"


class ExplainRuntime(MLModel):  # type: ignore[misc]
    """Explains the clients of one micro-batch that MLServer gathered."""

    async def load(self) -> bool:
        settings = ServingSettings()
        source = champion_source(settings)
        version = source.current()
        self._model = LoadedModel.load(source.folder(version), version)
        self._model.warm()
        self._store = configured_store(settings)
        return True

    async def predict(self, payload: Any) -> Any:
        """Return each client's probability of default and contributions, client ids int64[n, 1]."""
        from mlserver.codecs import NumpyCodec
        from mlserver.types import InferenceResponse

        model, store = self._model, self._store
        ids = NumpyCodec.decode_input(payload.inputs[0]).ravel()
        rows = [b'{"application":' + row + b"}" for row in store.applications(ids) if row is not None]
        applications = parse_applications(rows, [0] * len(rows)).batch
        X = model.features(assemble(applications.values, store.history(ids)[0]))
        probability = model.manifest.calibration.probability(model.raw(X))
        contributions = model.shap.contributions(X)
        outputs = {"probability_refusal": probability[:, None], "contributions": contributions}
        return InferenceResponse(
            model_name=self.name,
            outputs=[NumpyCodec.encode_output(name, np.ascontiguousarray(one)) for name, one in outputs.items()],
        )


def main() -> None:
    """Serve until ended."""
    from mlserver import MLServer, ModelSettings, Settings

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--batch", type=int, default=64, help="Clients in a micro-batch at most.")
    parser.add_argument("--wait", type=float, default=0.001, help="Seconds for which a micro-batch waits for company.")
    options = parser.parse_args()
    # No workers: the model in the server's process is the quicker of the two here.
    settings = Settings(
        host="127.0.0.1",
        http_port=options.port,
        grpc_port=options.port + 1,
        metrics_port=options.port + 2,
        parallel_workers=0,
        debug=False,
    )
    model = ModelSettings(
        name=_NAME, implementation=ExplainRuntime, max_batch_size=options.batch, max_batch_time=options.wait
    )
    asyncio.run(MLServer(settings).start([model]))


if __name__ == "__main__":
    main()
