"""What joins media, searching and composing for a maker: the soundtrack of a video, slide shows."""
