"""Training of backbones before the space."""
