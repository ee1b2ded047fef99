"""`loanstream train`: from a folder of tables to a registered model."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

from registered_model.documents import APPLICATIONS_FILE, CARD_FILE, EVALUATION_FILE, add_documents
from training.data.dataset import load_dataset
from training.documents.card import CARD_STEM, card_sections
from training.documents.document import to_markdown, write_document
from training.evaluation.evaluate import evaluate
from training.evaluation.fairness import measure_fairness
from training.evaluation.frontier import measure_frontier
from training.fit.fitted import fit_model
from training.progress import StepProgress, no_progress
from training.registry.package import reference_rows, sampled_applications, write_model
from training.registry.registry import CARD_PATH, Registry
from training.settings import TrainingSettings

MODEL_NAME = "loanstream"


@dataclass(frozen=True)
class TrainedModel:
    """A registered version: its aliases, the digest of its behaviour, and its out-of-fold measures."""

    name: str
    version: str
    aliases: tuple[str, ...]
    digest: str
    run_id: str
    metrics: dict[str, float]
    missing_tables: tuple[str, ...]


def train(
    data: Path,
    tracking_uri: str,
    *,
    model_name: str = MODEL_NAME,
    settings: TrainingSettings | None = None,
    seed: int = 0,
    progress: StepProgress = no_progress,
    artifact_root: Path | None = None,
) -> TrainedModel:
    """Train on the tables in `data` and register the model in the MLflow store at `tracking_uri`.

    The first version ever takes the alias champion, later ones challenger. On failure nothing stays registered. Raises
    TableError for tables that cannot be learned from, DependencyUnavailable for a store that cannot be opened.
    """
    settings = settings or TrainingSettings()
    dataset = load_dataset(data, settings, progress)
    registry = Registry(tracking_uri, artifact_root)
    _ = registry.client  # a store that is away should be known before minutes are spent on training
    fitted = fit_model(dataset, settings, seed, progress)
    fairness = measure_fairness(dataset.values, dataset.y, fitted.probability, fitted.cut.policy)
    frontier = measure_frontier(dataset, fitted, settings, seed, progress) if settings.thorough(len(dataset.y)) else []
    progress("registering", 0.0)
    run_id = registry.start_run(f"train {model_name}", tags={"loanstream.kind": "train"})
    try:
        with tempfile.TemporaryDirectory(prefix="loanstream-") as scratch:
            folder = Path(scratch) / "model"
            manifest = write_model(
                folder,
                fitted,
                name=model_name,
                data_digest=dataset.digest,
                seed=seed,
                settings=settings,
                run_id=run_id,
            )
            registry.log(
                run_id,
                {**settings.model_dump(), "seed": seed, "features": len(manifest.features), "digest": manifest.digest},
                {
                    **manifest.metrics,
                    **{f"adverse_impact_{group}": ratio for group, ratio in fairness.adverse_impact.items()},
                    "threshold": manifest.policy.threshold,
                    "threshold_spread": fitted.cut.spread,
                },
            )
            card = Path(scratch) / "card"
            title, sections = f"Model card: {model_name}", card_sections(dataset, fitted, manifest, fairness, frontier)
            write_document(card, CARD_STEM, title, sections)
            rows = reference_rows(len(dataset.y), settings, seed)
            documents = {
                EVALUATION_FILE: evaluate(fitted, fairness).model_dump_json(indent=2).encode(),
                CARD_FILE: to_markdown(title, sections, figures=False).encode(),
                APPLICATIONS_FILE: sampled_applications(dataset.X, rows),
            }
            manifest = add_documents(folder, manifest, documents)
            registry.log_folder(run_id, card, CARD_PATH)
            version = registry.register(run_id, folder, manifest)
        registry.end_run(run_id)
    except BaseException:
        registry.discard_run(run_id)
        raise
    progress("registering", 1.0)
    return TrainedModel(
        model_name, version.version, version.aliases, manifest.digest, run_id, manifest.metrics, dataset.missing
    )
