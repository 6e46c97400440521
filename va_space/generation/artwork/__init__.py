"""From music to pictures: a painter that goes by what is heard, and diffusion models of the user's own."""
