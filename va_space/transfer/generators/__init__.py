"""What can be restyled: a picture itself by grading, or a generative network's picture of it."""
