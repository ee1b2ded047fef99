"""What can be set about training, read from LOANSTREAM_TRAINING_* where the command line does not say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from credit.policy import Costs
from training.economics import Economics

# From so many labelled rows on a model is worth the time of several fits; the demo's own tables stay below.
_MANY_ROWS = 22_000


class TrainingSettings(BaseSettings):
    """Options of a training run; all are kept in the model's manifest."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_TRAINING_", frozen=True)

    folds: int = Field(default=5, ge=2, description="Stratified folds for out-of-fold scores.")
    trees: int = Field(default=900, ge=1, description="Boosting rounds.")
    members: int = Field(
        default=0,
        ge=0,
        description="Boosters over seeds that share the trees and become one model; 0 chooses by the rows.",
    )
    leaves: int = Field(default=5, ge=2, description="Leaves of a tree: small trees generalise here, and explain fast.")
    learning_rate: float = Field(default=0.03, gt=0, description="Shrinkage of each round.")
    l2: float = Field(default=100.0, ge=0, description="L2 penalty on leaf values.")
    feature_fraction: float = Field(default=0.2, gt=0, le=1, description="Share of the features that a tree may use.")
    bagging_fraction: float = Field(default=0.8, gt=0, le=1, description="Share of the rows that a tree sees.")
    leaf_rows: int = Field(default=20, ge=1, description="Fewest rows of a leaf.")
    monotone: bool = Field(default=True, description="Hold the directions of risk that the feature catalog demands.")
    derived: bool = Field(default=True, description="Predict each external score from the rest of the row.")
    draws: int = Field(default=0, ge=0, description="Draws of rows that selection is made by; 0 chooses by the rows.")
    select: bool = Field(default=True, description="Choose features by gain and permutation before the final fit.")
    most_features: int = Field(default=250, ge=1, description="Most features that selection keeps.")
    use_protected: bool = Field(default=False, description="Let the model read protected attributes such as gender.")
    false_negative_cost: float = Field(default=10.0, gt=0, description="Cost of approving an applicant who defaults.")
    false_positive_cost: float = Field(
        default=1.0, gt=0, description="Cost of declining an applicant who would have repaid."
    )
    review_share: float = Field(
        default=0.10, ge=0, le=0.5, description="Share of the applications that a bank can review by hand."
    )
    review_cost: float = Field(
        default=0.1, ge=0, description="Cost of a review by hand, in units of a wrong decline; assumed, for the report."
    )
    review_accuracy: float = Field(
        default=0.7, ge=0, le=1, description="Part of reviews that decide rightly; assumed, for the report."
    )
    objective: Literal["cost", "profit"] = Field(
        default="cost", description="What the threshold is chosen for: least cost of errors, or most profit by amounts."
    )
    loan_rate: float = Field(default=0.20, gt=0, le=2, description="Yearly interest of a loan; assumed, for profit.")
    funding_rate: float = Field(
        default=0.08, ge=0, le=2, description="Yearly cost of funding and running a loan; assumed, for profit."
    )
    exposure_at_default: float = Field(
        default=0.8, ge=0, le=1, description="Part of the credit that is owed at default; assumed, for profit."
    )
    loss_given_default: float = Field(
        default=0.6, ge=0, le=1, description="Part of what is owed at default that is lost; assumed, for profit."
    )
    reject_inference: Literal["none", "fuzzy", "parcelling"] = Field(
        default="none", description="Learn from unlabelled rows too, with supposed outcomes."
    )
    reject_uplift: float = Field(
        default=1.0, gt=0, le=10, description="Default rate of rejects over that of equal scores; assumed, parcelling."
    )
    reject_bands: int = Field(default=10, ge=2, description="Bands of scores that parcelling draws outcomes by.")
    reference_rows: int = Field(default=10_000, ge=1, description="Most rows of the sample that drift is measured by.")
    threads: int = Field(default=0, ge=0, description="Threads that work side by side; 0 takes every core.")
    memory_gb: float = Field(default=4.0, gt=0, description="Memory of the aggregation before it spills to disk.")

    @property
    def costs(self) -> Costs:
        """The costs of the two errors, as the policy will carry them."""
        return Costs(self.false_negative_cost, self.false_positive_cost)

    @property
    def economics(self) -> Economics:
        """What a loan brings and costs, for the objective of profit."""
        return Economics(self.loan_rate, self.funding_rate, self.exposure_at_default, self.loss_given_default)

    def thorough(self, rows: int) -> bool:
        """Return whether so many labelled rows are worth several fits; below them a model is a trial."""
        return rows >= _MANY_ROWS

    def settled(self, rows: int) -> TrainingSettings:
        """Return these settings with members and draws chosen for so many labelled rows, where they are left open."""
        many = self.thorough(rows)
        return self.model_copy(
            update={"members": self.members or (5 if many else 1), "draws": self.draws or (5 if many else 1)}
        )
