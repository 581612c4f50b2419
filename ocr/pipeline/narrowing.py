"""A front as read and what is still wanted of it go in; where that stands comes out, and which lines need not be read
again: a second look at a whole card costs more than its first reading."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ocr.pipeline.documents.types import DocumentType
from ocr.pipeline.layout import labels_in, level
from ocr.pipeline.quads import holds, longer, middle, quad_of
from ocr.pipeline.types import Card, FrontText, Line, Quad

_VALUES = {"gender": ("sex",), "emission_number": ("registration",), "validity_period": ("validity", "emission")}
"""Field of the answer → values of the front that it is made of, where the names differ."""
ROWS = ("surname", "name", "address")
"""Fields of the answer that stand in rows of their own, which nothing but their place tells apart."""
_WELL = 0.8  # mean score


def known_lines(card: Card, front: FrontText, wanted: Sequence[str], document: DocumentType) -> list[Line]:
    """The lines that are labels or values and tell nothing of what is wanted: a look for that may leave them out.

    Names and address may be any line that is neither; so may a wanted value that was not found.
    """
    names = _names(wanted)
    if not names or names - {*front.values, *ROWS, *(label.name for label in document.labels)}:
        return []
    told = [(name, middle(text.quad)) for name, text in front.values.items() if text.quad is not None]
    anywhere = bool(names - front.values.keys())
    known = []
    for line in card.lines:
        if line.quad is None or not line.scores or np.mean(line.scores) < _WELL:
            continue
        here = {name for name, point in told if holds(line.quad, point)} | set(_labels(line, document))
        if here.isdisjoint(names) and (here or not anywhere):
            known.append(line)
    return known


def _names(wanted: Sequence[str]) -> set[str]:
    return {name for field in wanted for name in _VALUES.get(field, (field,))}


def _labels(line: Line, document: DocumentType) -> Iterator[str]:
    return (piece.label for piece in labels_in(level(line, 0.0), document))


def places_of(card: Card, front: FrontText, wanted: Sequence[str], document: DocumentType) -> list[Quad]:
    """Where all that is wanted stands, together; nothing where some of it may be anywhere.

    A value stands where it was found, else right of its label or below it, else beside the others of its row. Names and
    address stand between their label and what is printed below them; a sex whose label was not found, right of the
    names.
    """
    lines = [(set(_labels(line, document)), line.quad) for line in card.lines if line.quad is not None]
    labels = {name: quad for names, quad in reversed(lines) for name in names}
    places: list[Quad] = []
    for field in wanted:
        if field == "gender" and "sex" not in {*front.values, *labels}:
            places += _beside_names(front)
            continue
        found = _rows(field, front, labels) if field in ROWS else _value(field, front, labels, document)
        if not found:
            return []
        places += found
    return places


def _rows(field: str, front: FrontText, labels: Mapping[str, Quad]) -> list[Quad]:
    """The rows, what stands above the first and what below the last; nothing where one of these is not known.

    Right of the names stands, on some models, what is lost as they are: birth date and sex.
    """
    names = [row.quad for row in front.name if row.quad is not None]
    if field == "address":
        rows = [longer(row.quad, behind=_WORD) for row in front.address if row.quad is not None]
        above, below = [labels.get("address"), *names[-1:]], list(_KEYS)
    else:
        rows = [longer(quad, behind=_ROW) for quad in names]
        above, below = [labels.get("name")], ["address", *_KEYS]
    top = next((quad for quad in above if quad is not None), None)
    bottom = next((quad for name in below if (quad := labels.get(name) or _quad(front, name)) is not None), None)
    return [*rows, top, bottom] if rows and top is not None and bottom is not None else []


def _beside_names(front: FrontText) -> list[Quad]:
    """From above the first of the names, whose label is lower than they, to the last, and all that is right of them."""
    names = [row.quad for row in front.name if row.quad is not None]
    return [longer(quad, behind=_ROW) for quad in (*(_moved(quad, -_LABEL) for quad in names[:1]), *names)]


_LABEL = 2.0  # heights


_KEYS = ("elector_key", "curp")
"""What stands below the address on every model."""


def _value(field: str, front: FrontText, labels: Mapping[str, Quad], document: DocumentType) -> list[Quad]:
    names = _VALUES.get(field, (field,))
    name = next((name for name in names if name not in front.values), names[0])
    found = _quad(front, name)
    if found is not None:
        return [found]
    if name in labels:
        return [longer(labels[name], behind=_WORD), _below(labels[name])]
    beside = {other for row in document.rows if name in row for other in row}
    return [longer(quad, _ROW, _ROW) for other in beside if (quad := _quad(front, other)) is not None]


_WORD, _ROW = 3.0, 40.0  # heights of a line: where a lost word begins at the latest; no row of a card is longer


def _quad(front: FrontText, name: str) -> Quad | None:
    return front.values[name].quad if name in front.values else None


def _below(label: Quad) -> Quad:
    """As much room again as a value takes that is printed below its label, in larger letters."""
    return _moved(label, _ROOM_BELOW)


def _moved(quad: Quad, down: float) -> Quad:
    """So many of its heights further down."""
    corners = np.array(quad, np.float64)
    return quad_of(corners + down * (corners[3] - corners[0]))


_ROOM_BELOW = 1.6  # of the label's height
