"""What a feature is, what a subject is, and the ordered catalog whose hash binds a model to the code that feeds it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

Source = Literal["application", "combined", "history", "derived"]


@dataclass(frozen=True, slots=True)
class Subject:
    """What an applicant would recognise as one topic: several features of one subject make one reason.

    code: stable for ever, such as "R07"; title: for tables and charts; adverse: the sentence for a decline or a
    referral; favourable: the sentence for an approval. protected: never given as a reason.
    """

    code: str
    title: str
    adverse: str
    favourable: str
    protected: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One column of the feature matrix.

    source: application (from the application alone), combined (from application and history), history (aggregated from
    the other tables, held by the feature store) or derived (predicted by a booster of the model's own). codes: the
    categories in the order of their numbers, empty for a number. monotone: +1 where more must never lower the risk, -1
    where it must never raise it, 0 unconstrained. definition: how it is computed, in text that changes when that does.
    """

    name: str
    source: Source
    subject: str
    description: str
    definition: str
    codes: tuple[str, ...] = ()
    monotone: int = 0
    protected: bool = False

    @property
    def is_category(self) -> bool:
        return bool(self.codes)


@dataclass(frozen=True)
class Catalog:
    """All features in order: application, combined, history, derived; `assemble` computes the first three sources."""

    features: tuple[Feature, ...]
    subjects: dict[str, Subject] = field(repr=False)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(feature.name for feature in self.features)

    @cached_property
    def index(self) -> dict[str, int]:
        """Each feature's column in the assembled matrix (derived features come after it)."""
        return {name: i for i, name in enumerate(self.names)}

    @cached_property
    def history_names(self) -> tuple[str, ...]:
        """The columns of a client's history vector, in the order in which the feature store packs them."""
        return tuple(feature.name for feature in self.features if feature.source == "history")

    @cached_property
    def assembled_names(self) -> tuple[str, ...]:
        """The columns that `assemble` returns."""
        return tuple(feature.name for feature in self.features if feature.source != "derived")

    @cached_property
    def hash(self) -> str:
        """Hex SHA-256 over names, sources, codes and definitions in order: other features, other hash."""
        content = [[f.name, f.source, f.definition, list(f.codes)] for f in self.features]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    @cached_property
    def history_hash(self) -> str:
        """Hex SHA-256 over the history features alone: what the feature store's contents are versioned by."""
        content = [[f.name, f.definition] for f in self.features if f.source == "history"]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def __getitem__(self, name: str) -> Feature:
        return self.features[self.index[name]]
