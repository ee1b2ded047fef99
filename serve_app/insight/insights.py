"""Answers questions about the model that decides; what costs is worked out once a version, answers are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, assert_never

import orjson

from serve_app.insight.applicants import sampled, similar
from serve_app.insight.catalog import catalog
from serve_app.insight.contributions import dependence, importance
from serve_app.insight.model_page import model_page
from serve_app.insight.model_view import ModelView
from serve_app.insight.questions import (
    CatalogQuestion,
    DependenceQuestion,
    ImportanceQuestion,
    InsightQuestion,
    ModelQuestion,
    SampleQuestion,
    SimilarQuestion,
    VersionsQuestion,
)
from serve_app.insight.versions import versions
from serve_app.models.registered_versions import VersionList
from serve_app.models.shelf import ModelShelf

# Answers of one version that are kept: the pages' own questions and some features' dependences.
KEPT_ANSWERS = 24


class ModelInsights:
    """Looks at whatever version a shelf's current one is; blocks, and answers one question at a time."""

    def __init__(self, shelf: ModelShelf, registered: VersionList) -> None:
        self._shelf, self._registered = shelf, registered
        self._lock = threading.Lock()
        self._view: ModelView | None = None
        self._answers: OrderedDict[InsightQuestion, bytes] = OrderedDict()

    def answer(self, question: InsightQuestion) -> bytes:
        """Return the answer as JSON.

        Raises NotReady without a model, ModelRefused where its folder lacks what is asked for, UnknownFeature, and
        DependencyUnavailable where the registry is asked and away.
        """
        if isinstance(question, VersionsQuestion):
            return orjson.dumps(versions(self._registered))
        with self._lock:
            view = self._current()
            if isinstance(question, SimilarQuestion):  # asked of one applicant, and seldom twice
                return orjson.dumps(similar(view, question))
            found = self._answers.get(question)
            if found is None:
                found = orjson.dumps(_answered(view, question))
                self._answers[question] = found
                while len(self._answers) > KEPT_ANSWERS:
                    self._answers.popitem(last=False)
            self._answers.move_to_end(question)
            return found

    def _current(self) -> ModelView:
        model = self._shelf.current
        if self._view is None or self._view.model is not model:
            self._view = ModelView(model)
            self._answers.clear()
        return self._view


def _answered(
    view: ModelView,
    question: CatalogQuestion | ModelQuestion | ImportanceQuestion | DependenceQuestion | SampleQuestion,
) -> dict[str, Any]:
    match question:
        case CatalogQuestion():
            return catalog(view)
        case ModelQuestion():
            return model_page(view)
        case ImportanceQuestion():
            return importance(view, question)
        case DependenceQuestion():
            return dependence(view, question)
        case SampleQuestion():
            return sampled(view, question)
        case _:
            assert_never(question)
