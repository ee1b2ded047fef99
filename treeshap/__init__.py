"""Exact, fast TreeSHAP for LightGBM models; see docs/explaining.md."""

from treeshap.tree_shap import TreeShap

__all__ = ["TreeShap"]
