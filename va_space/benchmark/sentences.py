"""Twenty sentences, each with the feeling that music for it should be voted for."""

SENTENCES = {
    "She looked up and could not believe the size of the sky.": "amazement",
    "The curtain rose on a world that nobody had ever seen.": "amazement",
    "The bells rang slowly as the coffin was carried into the cathedral.": "solemnity",
    "We stood in silence before the monument.": "solemnity",
    "A mother hums to the baby sleeping on her shoulder.": "tenderness",
    "He brushed the hair from her face and kissed her forehead.": "tenderness",
    "I found the letters we wrote to each other when we were seventeen.": "nostalgia",
    "The old playground still smells of summer and chalk.": "nostalgia",
    "Snow falls on a lake where nothing moves.": "calmness",
    "A slow afternoon in a hammock under the trees.": "calmness",
    "Ten thousand horses thunder down the hill into battle.": "power",
    "Nothing will stop us now, we are stronger than the storm.": "power",
    "Everybody is dancing and laughing in the street.": "joyful_activation",
    "We won the final and the whole town went wild.": "joyful_activation",
    "The best birthday party of my life!": "joyful_activation",
    "Someone is following me through the empty car park.": "tension",
    "The bomb will go off in thirty seconds and nobody knows where it is.": "tension",
    "They are fighting again and the neighbours have called the police.": "tension",
    "A quiet evening after the funeral.": "sadness",
    "My dog died this morning and the house is so empty.": "sadness",
}
"""Sentence -> one of the nine feelings that Emotify's listeners could choose, written before any search."""
