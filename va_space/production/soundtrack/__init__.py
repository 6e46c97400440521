"""Music for a video: from its shots to cues, their sound, and a cue sheet. Needs the extra ``video``."""
