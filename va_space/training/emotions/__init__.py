"""Training of a classifier of the emotion of pictures."""
