"""Whether explanations name what matters to the model: where in a picture, and when in a track."""

import numpy as np

from va_space.benchmark.context import Context
from va_space.benchmark.explanation_map_rows import map_rows, patch_rows
from va_space.benchmark.explanation_pictures import CELLS, OPTIONS, PATCH, SHARES
from va_space.benchmark.explanation_rows import at_most, one_a_group
from va_space.benchmark.explanation_track_rows import passage_rows, recordings, track_rows
from va_space.benchmark.explanation_tracks import CUT, PASSAGE
from va_space.benchmark.result import TaskResult, failure_notes
from va_space.benchmark.tasks import TASKS

PICTURES, PATCHES, TRACKS, PASSAGES = 20, 24, 16, 24

METRICS = {
    "deletion": "mean of the number while what a map says raises it gives way to the mean colour, most first "
    f"({CELLS} x {CELLS} cells, shares {', '.join(f'{share:g}' for share in SHARES)}); lower is better",
    "insertion": "mean of the number while the same is put back onto the blurred picture; higher is better",
    "gap": "insertion - deletion; higher is better",
    "over random": "gap less that of the random order, mean over pictures, and 95% bootstrap interval",
    "over edges": "gap less that of the edges, likewise",
    "found": "share of planted patches or passages that hold the middle of what is named, and 95% bootstrap "
    "interval",
    "rank": "share of the places in a map where a square as large as the patch has a smaller mean than at "
    "the patch, in the donor's direction, and 95% bootstrap interval",
    "chance": "the same for what is named at random",
    "r": "Pearson's correlation of two maps' cells, mean over pictures, and 95% bootstrap interval",
    "change": "of the track's number when the named passages are cut out and the rest is heard anew, in "
    "windows of the model's own length",
    "over random cuts": "the same less that of as many random passages, and 95% bootstrap interval",
}


@TASKS.register("explanation")
def run(context: Context) -> TaskResult:
    """Maps and curves against random ones, planted patches and passages, other targets."""
    random = np.random.default_rng(context.seed)
    failures: list[str] = []
    test = context.pictures["test"]
    pictures = one_a_group(test, at_most(context, PICTURES), random)
    tracks = recordings(context, at_most(context, TRACKS), random)
    rows = [
        *map_rows(context, pictures, random, failures),
        *patch_rows(context, at_most(context, PATCHES), random, failures),
        *track_rows(context, tracks, random, failures),
        *passage_rows(context, at_most(context, PASSAGES), random, failures),
    ]
    return {
        "data": "OASIS; Emotify and 4Q",
        "split": "OASIS: test part, one picture a theme; recordings: one an artist",
        "n": {"pictures": len(pictures), "recordings": len(tracks)},
        "metrics": METRICS,
        "rows": rows,
        "notes": [*_NOTES, *failure_notes(failures)],
    }


_NOTES = [
    f"occlusion: {OPTIONS.grid} x {OPTIONS.grid} windows (9 x 9 by default); integrated gradients: "
    f"{OPTIONS.steps} steps (24 by default); both look at one of the encoder's views, deletion and insertion "
    "at all",
    f"patch: the middle of a picture of opposite rating, {PATCH:.2f} of the host's side, in a random place; "
    "the region that is said to pull the number the donor's way is to have its middle inside",
    f"passage: {PASSAGE:g} s from the middle of a recording of the opposite quadrant, as loud as the host",
    f"cuts: {CUT} of the windows that do not overlap",
    "other windows: the same number by occlusion with other windows, which shows how alike two maps of one "
    "number are",
]
