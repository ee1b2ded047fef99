"""Answers kept by version."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from credit.errors import DependencyUnavailable, NotReady
from serve_app.insight.insights import KEPT_ANSWERS, ModelInsights
from serve_app.insight.questions import CatalogQuestion, ModelQuestion, SampleQuestion, VersionsQuestion
from serve_app.models.registered_versions import RegisteredVersion
from serve_app.models.shelf import ModelShelf


class Folders:
    """Versions by number, of which one is current; counts how often a folder was asked for."""

    def __init__(self, **folders: Path) -> None:
        self.folders, self.now = folders, next(iter(folders))

    def current(self) -> str:
        return self.now

    def folder(self, version: str) -> Path:
        return self.folders[version]


class Away:
    """A registry that does not answer."""

    def registered(self) -> list[RegisteredVersion]:
        raise DependencyUnavailable("the MLflow registry does not answer")


@pytest.fixture
def folders(told_folder: Path, old_folder: Path) -> Folders:
    return Folders(new=told_folder, old=old_folder)


def test_an_answer_is_given_once_and_anew_for_another_version(folders: Folders) -> None:
    """The same bytes while a version decides, and what the next one says as soon as that does."""
    shelf = ModelShelf(folders)
    shelf.refresh()
    insights = ModelInsights(shelf, Away())
    first = insights.answer(ModelQuestion())
    assert insights.answer(ModelQuestion()) is first
    assert orjson.loads(first)["documents"] == "checked"
    folders.now = "old"
    shelf.refresh()
    assert orjson.loads(insights.answer(ModelQuestion()))["documents"] == "none"


def test_few_answers_are_kept(folders: Folders) -> None:
    """Somebody who asks for everything pushes out the oldest answers, not the process's memory."""
    shelf = ModelShelf(folders)
    shelf.refresh()
    insights = ModelInsights(shelf, Away())
    first = insights.answer(CatalogQuestion())
    for limit in range(1, KEPT_ANSWERS):
        insights.answer(SampleQuestion(("DAYS_BIRTH",), limit))
    assert insights.answer(CatalogQuestion()) is first
    for limit in range(1, KEPT_ANSWERS + 1):
        insights.answer(SampleQuestion(("AMT_CREDIT",), limit))
    again = insights.answer(CatalogQuestion())
    assert again == first
    assert again is not first


def test_without_a_model_or_a_registry_it_says_so(folders: Folders) -> None:
    """Each question fails by what it needs: versions ask no model, the rest no registry."""
    insights = ModelInsights(ModelShelf(folders), Away())
    with pytest.raises(NotReady):
        insights.answer(CatalogQuestion())
    with pytest.raises(DependencyUnavailable, match="MLflow"):
        insights.answer(VersionsQuestion())
