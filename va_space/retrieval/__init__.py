"""A folder of music made searchable: index and search."""
