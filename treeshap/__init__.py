"""Exact, fast TreeSHAP for LightGBM models; see README.md."""

from treeshap.errors import UnsupportedModel
from treeshap.tree_shap import TreeShap

__all__ = ["TreeShap", "UnsupportedModel"]
