"""Learning: features selected and derived, boosters fitted and tuned, scores calibrated, the policy set."""
