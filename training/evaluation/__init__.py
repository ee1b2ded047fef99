"""How good models are: kinds and variants compared on the same folds, fairness by group."""
