"""Restyling over time."""
