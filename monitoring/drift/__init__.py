"""How far features, scores and reasons have moved from the training reference, or from the period before."""
