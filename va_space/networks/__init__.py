"""Networks as plain ``nn.Module``s: they know tensors, and nothing of a space."""
