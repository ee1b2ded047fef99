"""The sources of models that the settings name."""

from __future__ import annotations

from credit.errors import ModelNotFound
from serve_app.models.registered_versions import VersionList
from serve_app.models.sources import FirstAvailable, FolderSource, HubSource, MlflowSource, ModelSource
from serve_app.settings import ServingSettings


def champion_source(settings: ServingSettings) -> ModelSource:
    """Return where the version that decides comes from: the configured sources, first to last."""
    sources: list[ModelSource] = [MlflowSource(settings.tracking_uri, settings.model_name, settings.model_alias)]
    if settings.model_hub is not None:
        sources.append(HubSource(settings.model_hub))
    if settings.model_folder is not None:
        sources.append(FolderSource(settings.model_folder))
    return FirstAvailable(sources)


def challenger_source(settings: ServingSettings) -> MlflowSource:
    """Return where a challenger comes from: the registry alone."""
    return MlflowSource(settings.tracking_uri, settings.model_name, settings.shadow_alias)


def version_list(settings: ServingSettings) -> VersionList:
    """Return who knows all registered versions: the registry alone."""
    return MlflowSource(settings.tracking_uri, settings.model_name, settings.model_alias)


def challenger_version(settings: ServingSettings) -> str | None:
    """Ask the registry for the challenger, None where none is set; raises DependencyUnavailable while it is away."""
    try:
        return challenger_source(settings).current()
    except ModelNotFound:
        return None
