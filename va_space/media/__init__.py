"""Files to tensors: pictures, audio windows, log-mel. Nothing else in va-space opens media files."""
