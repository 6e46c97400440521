"""What tests of the studio send."""

import io

from PIL import Image

TOKEN = "0123456789abcdef-token"


def png(colour=(200, 120, 60), size=(40, 30)):
    """A small picture as a file's content."""
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, "PNG")
    return file.getvalue()
