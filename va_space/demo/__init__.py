"""Everything once, on what the package brings."""
