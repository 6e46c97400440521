"""Training of a StyleGAN2."""
