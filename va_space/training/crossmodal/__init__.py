"""Training of networks that make pictures for sounds, and sounds for pictures."""
