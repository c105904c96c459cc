"""One file per kind of plan: what it counts, computes and says."""
