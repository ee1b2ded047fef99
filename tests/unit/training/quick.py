"""Settings under which a model of a few hundred rows is fitted in seconds."""

from training.settings import TrainingSettings

QUICK = TrainingSettings(
    trees=15, folds=2, learning_rate=0.2, l2=1.0, feature_fraction=0.5, most_features=20, threads=1, derived=False
)
