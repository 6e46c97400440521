"""Training of the space: losses, pairs, folds, calibration."""
