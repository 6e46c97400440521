"""From music to pictures: a painter that is seeded by what is heard, and diffusion models of the user's own."""
