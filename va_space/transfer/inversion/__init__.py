"""Finding a picture in a network: the latent that comes nearest to it."""
