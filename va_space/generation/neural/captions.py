"""What a picture shows, in the words of BLIP (Li et al. 2022); the caption begins with its feeling."""

from va_space.generation.neural.models import LoadedModel
from va_space.generation.neural.seeds import seeded
from va_space.media.pictures import PictureSource, load_picture

_BEAMS = 3


def caption(
    model: LoadedModel,
    picture: PictureSource,
    emotion: str | None = None,
    *,
    what: str = "painting",
    max_tokens: int = 30,
) -> str:
    """Caption a picture.

    Args:
        model: One of the kind "caption".
        picture: A file, an image, an array or a tensor.
        emotion: A word of feeling, which the caption begins with and goes on from: "a sad painting of ...".
        what: What the picture is called in it.
        max_tokens: The caption is cut there.

    Raises:
        MediaError: The picture cannot be read.
    """
    article = "an" if (emotion or what)[:1].lower() in "aeiou" else "a"
    prefix = f"{article} {emotion + ' ' if emotion else ''}{what} of"
    inputs = model.processor(images=load_picture(picture, min_side=512), text=prefix, return_tensors="pt")
    inputs = inputs.to(model.device)
    inputs["pixel_values"] = inputs["pixel_values"].to(next(model.network.parameters()).dtype)
    with seeded(model.device, 0):
        answer = model.network.generate(
            **inputs, max_new_tokens=max_tokens, num_beams=_BEAMS, do_sample=False
        )
    return " ".join(str(model.processor.decode(answer[0], skip_special_tokens=True)).split())
