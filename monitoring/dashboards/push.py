"""Puts folder, data source, dashboards and annotations into a Grafana; doing it twice changes nothing more."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from credit.errors import DependencyUnavailable, SettingsError
from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.build import TAG, dashboard_json
from monitoring.dashboards.files import FOLDER, PROMETHEUS_URL, data_source

FOLDER_UID = "loanstream"


@dataclass(frozen=True, slots=True)
class DashboardEvent:
    """Something to mark on every dashboard: a deployment or a promotion, at a time (milliseconds since the epoch)."""

    kind: Literal["deployment", "promotion"]
    time_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class PushResult:
    """What a push did: dashboards put, annotations added and found there already."""

    dashboards: list[str]
    annotations_added: int
    annotations_known: int


def push(
    grafana_url: str,
    credential: str | tuple[str, str] | None,
    prometheus_url: str = PROMETHEUS_URL,
    events: Iterable[DashboardEvent] = (),
    timeout_s: float = 10.0,
) -> PushResult:
    """Bring a Grafana up to this version's folder, data source, dashboards and the given events.

    credential: a service account's token, or user and password. Raises DependencyUnavailable where Grafana does not
    answer, SettingsError where it refuses.
    """
    import niquests
    from grafana_client.api import GrafanaApi
    from grafana_client.client import GrafanaException

    api = GrafanaApi.from_url(grafana_url, credential=credential, timeout=timeout_s)
    try:
        return _push(api, prometheus_url, events)
    except GrafanaException as error:
        status = getattr(error, "status_code", "?")
        raise SettingsError(
            f"Grafana at {grafana_url} refused ({status}: {error.message}); check the token and its rights"
        ) from None
    except (niquests.exceptions.RequestException, OSError) as error:
        raise DependencyUnavailable(f"Grafana at {grafana_url} does not answer ({type(error).__name__})") from None


def _push(api: Any, prometheus_url: str, events: Iterable[DashboardEvent]) -> PushResult:
    if _found(lambda: api.folder.get_folder(FOLDER_UID)) is None:
        api.folder.create_folder(FOLDER, uid=FOLDER_UID)
    source = data_source(prometheus_url)
    held = _found(lambda: api.datasource.get_datasource_by_uid(source["uid"]))
    if held is None:
        api.datasource.create_datasource(source)
    else:
        api.datasource.update_datasource(held["id"], source)
    for board in BOARDS:
        document = dashboard_json(board) | {"id": None}
        api.dashboard.update_dashboard(
            {"dashboard": document, "folderUid": FOLDER_UID, "overwrite": True, "message": "loanstream dashboards push"}
        )
    added = known = 0
    for event in events:
        there = api.annotations.find_annotations(
            time_from=event.time_ms, time_to=event.time_ms + 1, tags=[TAG, event.kind]
        )
        if any(a.get("time") == event.time_ms and a.get("text") == event.text for a in there):
            known += 1
            continue
        api.annotations.add_annotation(time_from=event.time_ms, tags=[TAG, event.kind], text=event.text)
        added += 1
    return PushResult([board.uid for board in BOARDS], added, known)


def _found(get: Callable[[], Any]) -> Any:
    """Return what a look-up gives, None where Grafana says that there is no such thing."""
    from grafana_client.client import GrafanaClientError

    try:
        return get()
    except GrafanaClientError as error:
        if error.status_code == 404:
            return None
        raise
