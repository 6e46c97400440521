"""A small synthesiser in numpy: additive and plucked voices, percussion, a room, loudness."""
