"""A registered model as it lies in its folder: training writes it, serving and monitoring read it.

The folder holds the booster as LightGBM text, `manifest.json`, `reference.arrow` (the sample that drift is measured
against) and, where the manifest names them, boosters of derived features and documents (`documents`): what training
measured, the card, the sample's applications. What a manifest says is in `credit.manifest`, an evaluation in
`credit.evaluation`.
"""
