"""Kinds of generators, one file each; see :data:`va_space.transfer.generator.GENERATORS`."""
