"""What joins searching, reading and writing into something to show: slide shows."""
