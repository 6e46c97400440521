"""StyleGAN2: generator, discriminator, and its files."""
