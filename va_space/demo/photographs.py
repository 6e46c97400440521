"""Photographs that scikit-learn and scikit-image bring in their wheels."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from va_space.errors import MissingExtraError


@dataclass(frozen=True)
class Photograph:
    """A photograph and what a page says about it.

    Attributes:
        name: Short and safe for a file name.
        title: For people.
        description: What is to be seen, for those who cannot see it.
        credit: Photographer and licence.
        package: Import name of the package that brings it.
        file: Its path within the package.
    """

    name: str
    title: str
    description: str
    credit: str
    package: str
    file: str

    @property
    def path(self) -> Path:
        """The installed file.

        Raises:
            MissingExtraError: The package is not installed.
        """
        # Found without importing the package: its own loaders are slow to import and may use the network.
        package = find_spec(self.package)
        if package is None or not package.submodule_search_locations:
            raise MissingExtraError("The demo's photographs", "demo")
        return Path(package.submodule_search_locations[0]) / self.file


PHOTOGRAPHS = (
    Photograph(
        "flower",
        "Dahlia",
        "A peach-coloured dahlia in full bloom before dark green leaves.",
        "vultilion, Flickr, CC BY 2.0",
        "sklearn",
        "datasets/images/flower.jpg",
    ),
    Photograph(
        "china",
        "Summer Palace",
        "A three-storeyed pagoda above a wide lake on a bright day.",
        "Daniel Büchele, Flickr, CC BY 2.0",
        "sklearn",
        "datasets/images/china.jpg",
    ),
    Photograph(
        "coffee",
        "Espresso",
        "An espresso in a red cup on a wooden table, seen from above.",
        "Rachel Michetti, CC0",
        "skimage",
        "data/coffee.png",
    ),
    Photograph(
        "cat",
        "Chelsea the cat",
        "The face of a tabby cat with green eyes, looking aside.",
        "Stéfan van der Walt, CC0",
        "skimage",
        "data/chelsea.png",
    ),
    Photograph(
        "astronaut",
        "Eileen Collins",
        "A smiling astronaut in an orange suit before a flag and a model of the space shuttle.",
        "NASA, public domain",
        "skimage",
        "data/astronaut.png",
    ),
    Photograph(
        "rocket",
        "Falcon 9 at dusk",
        "A rocket on its pad between steel masts, floodlit under a deep blue evening sky.",
        "SpaceX, public domain",
        "skimage",
        "data/rocket.jpg",
    ),
    Photograph(
        "hubble",
        "Hubble Extreme Deep Field",
        "Hundreds of distant galaxies scattered over black space.",
        "NASA/ESA, public domain",
        "skimage",
        "data/hubble_deep_field.jpg",
    ),
    Photograph(
        "moon",
        "Surface of the Moon",
        "A flat grey plain on the Moon with a few craters.",
        "from scikit-image's collection, no known restriction",
        "skimage",
        "data/moon.png",
    ),
    Photograph(
        "cameraman",
        "Cameraman",
        "A man in a dark coat bends over a camera on a tripod in an empty field, in black and white.",
        "Lav Varshney, CC0",
        "skimage",
        "data/camera.png",
    ),
)
