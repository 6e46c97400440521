"""Losses, objective, recipes and the training loop."""
