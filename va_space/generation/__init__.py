"""Making new things from feelings: music from pictures, words and points."""
