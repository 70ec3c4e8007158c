"""Where each key of a TOML file stands, so that an error can name its line. `tomllib` gives values only."""

import re

Place = tuple[str | int, ...]
# Only what a key may hold: a line of a list over several lines also begins with a bracket.
HEADER = re.compile(r"""^\s*(\[\[?)\s*([A-Za-z0-9_."\- ]+?)\s*\]\]?\s*(#.*)?$""")
KEY = re.compile(r"^\s*([A-Za-z0-9_.\-]+|\"[^\"]+\")\s*=")


def places_in(text: str) -> dict[Place, int]:
    """The line of every table and key, numbered from 1; items of arrays of tables are counted from 0."""
    places: dict[Place, int] = {}
    counts: dict[Place, int] = {}
    table: Place = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := HEADER.match(line):
            table = _table(header[2], header[1] == "[[", counts)
            places.setdefault(table, number)
            places.setdefault(table[:-1] if isinstance(table[-1], int) else table, number)
        elif key := KEY.match(line):
            places.setdefault((*table, *_steps(key[1])), number)
    return places


def _steps(dotted: str) -> Place:
    return tuple(step.strip().strip('"') for step in dotted.split("."))


def _table(dotted: str, is_array: bool, counts: dict[Place, int]) -> Place:
    """The full place of a header: inside an array of tables it belongs to the array's newest item."""
    steps = _steps(dotted)
    place: Place = ()
    for step in steps[:-1]:
        place = (*place, step)
        if place in counts:
            place = (*place, counts[place])
    place = (*place, steps[-1])
    if is_array:
        counts[place] = counts.get(place, -1) + 1
        place = (*place, counts[place])
    elif place in counts:
        place = (*place, counts[place])
    return place
