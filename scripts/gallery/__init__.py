"""The gallery: one file for each part, what they show, and the page. scripts/make_gallery.py joins them."""
