"""Models at rest: packed into folders, registered in MLflow, promoted through gates."""
