"""One module per source, each yielding records (path, label, group); splits and pairs."""
