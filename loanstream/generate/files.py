"""Which files are made from the code, and what has to stand in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

Texts = Mapping[Path, str]


def features(root: Path) -> Texts:
    """Return the list of features, from the catalog."""
    from training.documents.features import features_document

    return {root / "docs/features.md": features_document()}


def settings(root: Path) -> Texts:
    """Return the page with a table for each settings class; what stands around the tables stays."""
    from loanstream.generate.settings_tables import rewritten

    page = root / "docs/operations.md"
    return {page: rewritten(page.read_text())}


def schemas(root: Path) -> Texts:
    """Return a JSON Schema for each message; raises IncompatibleSchema where its users would trip over the change."""
    from loanstream.generate.schemas import todays_files

    return todays_files(root / "docs/schemas")


def dashboards(root: Path) -> Texts:
    """Return Grafana's dashboards and provisioning."""
    from monitoring.dashboards.files import grafana_files

    return {root / "deploy/grafana" / name: text for name, text in grafana_files().items()}


def prometheus(root: Path) -> Texts:
    """Return Prometheus's configuration for compose."""
    from monitoring.prometheus_config import compose_config

    return {root / "deploy/prometheus/prometheus.yml": compose_config()}


def chart(root: Path) -> Texts:
    """Return the Serve config inside the Helm chart, which reads no file outside its folder."""
    return {root / "deploy/helm/loanstream/files/serve_config.yaml": (root / "deploy/serve_config.yaml").read_text()}


def decision_records(root: Path) -> Texts:
    """Return the page that lists the decision records; the words above the list stay."""
    page = root / "docs/adr/README.md"
    words = page.read_text().split("\n- [", 1)[0].rstrip("\n")
    titles = {path.name: path.read_text().split("\n", 1)[0] for path in sorted(page.parent.glob("[0-9]*.md"))}
    entries = [f"- [{name[:4]}]({name}) {title.split('. ', 1)[1]}" for name, title in titles.items()]
    return {page: "\n".join([words, "", *entries]) + "\n"}


def jars(root: Path) -> Texts:
    """Return the lock of the broker's jars: resolved anew, over the network, only where a root is not in it."""
    from streaming.broker.jars import LOCK_FILE, locks_all_roots, resolved_lock

    text = LOCK_FILE.read_text()
    return {root / LOCK_FILE.relative_to(Path(__file__).parents[2]): text if locks_all_roots(text) else resolved_lock()}


def grpc_code(root: Path) -> Texts:
    """Return the Python side of the gRPC services, by the protoc that pyproject.toml pins."""
    from loanstream.generate.protobuf import generated_code

    return {root / name: text for name, text in generated_code(root, ["serve_app/door/grpc/decisions.proto"]).items()}


def texts_of_the_desk(root: Path) -> Texts:
    """Return the desk's catalogs with exactly the texts that its code says; translations stay."""
    from desk.words.gathering import ROOM, catalog_texts

    return {root / "desk" / path.relative_to(ROOM): text for path, text in catalog_texts().items()}


def image_packages(root: Path) -> Texts:
    """Return the list of packages that each image installs from the lock."""
    from loanstream.generate.image_packages import package_lists

    return package_lists(root)


GENERATORS: Mapping[str, Callable[[Path], Texts]] = {
    "features": features,
    "settings": settings,
    "schemas": schemas,
    "dashboards": dashboards,
    "prometheus": prometheus,
    "decision records": decision_records,
    "jars": jars,
    "gRPC code": grpc_code,
    "texts of the desk": texts_of_the_desk,
    "packages of images": image_packages,
    "chart": chart,
}


def old_files(root: Path) -> list[Path]:
    """Return the files whose content is not what the code makes today."""
    return [path for path, text in _all(root).items() if not path.exists() or path.read_text() != text]


def write_files(root: Path) -> list[Path]:
    """Write what is old and return it."""
    wanted = _all(root)
    written = [path for path, text in wanted.items() if not path.exists() or path.read_text() != text]
    for path in written:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted[path])
    return written


def _all(root: Path) -> dict[Path, str]:
    return {path: text for make in GENERATORS.values() for path, text in make(root).items()}
