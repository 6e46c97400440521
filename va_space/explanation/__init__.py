"""Why: where in a picture, when in a track, which words, and what would change it."""
