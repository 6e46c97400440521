"""Why a take sounds as it does, in words."""

from typing import TYPE_CHECKING

from va_space.generation.music.controls import Controls

if TYPE_CHECKING:
    from va_space.generation.music.compose import Take

_TEXTURES = {
    "chorale": "held chords",
    "nocturne": "slow broken chords",
    "arpeggio": "arpeggios",
    "alberti": "a rocking accompaniment",
    "waltz": "a waltz beat",
    "strum": "strummed chords",
    "ostinato": "a driving repeated figure",
    "stride": "a striding bass",
    "toccata": "fast running figures",
}


def feeling_words(valence: float, arousal: float) -> str:
    """A place on the plane in words."""
    pleasure = (
        "unpleasant" if valence < 0.4 else "pleasant" if valence > 0.6 else "neither pleasant nor unpleasant"
    )
    energy = "calm" if arousal < 0.4 else "excited" if arousal > 0.6 else "neither calm nor excited"
    return f"{pleasure}, {energy}"


def sound_words(controls: Controls) -> str:
    """What a phrase is like: "minor, 72 quarter notes a minute, low register, soft, slow broken chords"."""
    register = "low register" if controls.register < -3 else "high register" if controls.register > 3 else ""
    loud = "soft" if controls.velocity < 58 else "loud" if controls.velocity > 84 else ""
    touch = "legato" if controls.articulation > 0.95 else "detached" if controls.articulation < 0.7 else ""
    rough = (
        "rough harmony"
        if controls.dissonance > 0.65
        else "plain harmony"
        if controls.dissonance < 0.2
        else ""
    )
    played = " and ".join(
        [", ".join(controls.instruments[:-1]), controls.instruments[-1]]
        if controls.instruments[1:]
        else controls.instruments
    )
    parts = (
        controls.key.name,
        f"{controls.tempo} quarter notes a minute",
        register,
        loud,
        touch,
        rough,
        f"{_TEXTURES[controls.texture]} on {played}",
    )
    return ", ".join(part for part in parts if part)


def why(take: "Take") -> str:
    """One sentence a feeling: what it sounds like, and the feeling that this follows."""
    sections, controls = take.score.sections, take.chosen.composition.controls
    if take.request.course.still:
        place = take.request.course.places[0]
        return f"{sound_words(controls[0])}: {feeling_words(*place)}"
    told, last = [], ""
    for section, each in zip(sections, controls, strict=True):
        words = f"{sound_words(each)}: {feeling_words(each.valence, each.arousal)}"
        if words != last:
            told.append(f"from {take.score.seconds(section.start):.0f} s {words}")
        last = words
    return "; ".join(told)
