"""Video files: reading, and writing with their sound."""
