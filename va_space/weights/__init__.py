"""The model that ships with the package."""

EARLIER = {"8a32d598b56a02446641dcdcdb7e4d459e509f5bd4f0fe4a81637effeebb11de": "0.1"}
"""Fingerprints of the models that shipped before, and the releases that have them."""


def whereabouts(fingerprint: str) -> str:
    """Where a model is that shipped before, as the end of a sentence; empty for others."""
    release = EARLIER.get(fingerprint)
    return f" (it shipped with va-space {release}: its folder va_space/weights)" if release else ""
