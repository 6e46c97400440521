"""What is in a recording: genre, mood, voice, instruments, feeling, tempo, key, loudness and sections."""
