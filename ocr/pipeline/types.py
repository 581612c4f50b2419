"""What travels through the pipeline: `Photo → Card → Mrz / front text → fields → Comparison → Reading`.

All frozen, tuples inside. Coordinates are pixels of the picture *as sent* unless a docstring says otherwise, x to the
right and y down, so that a box can be drawn over the very file that the client holds. Sex is the card's own H, M or X
(ine.md: H = hombre, M = mujer), never ICAO's M/F.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:  # who serves knows what is read, and computes nothing
    import numpy as np
    from numpy.typing import NDArray

Pixels: TypeAlias = "NDArray[Any]"
"""H×W of bytes, grey, read-only: no reader reads better in colour. Any, since OpenCV's own types promise no more."""

Lattice: TypeAlias = "NDArray[np.float32]"
"""T×C: per time step of a recogniser, the probability of every class of its alphabet; class 0 is the CTC blank."""

Table: TypeAlias = "NDArray[np.float64]"
"""n×C: for each place of a grammar, the probability of every character of `spelling.ALPHABET`; rows sum to 1."""

Point = tuple[float, float]
Quad = tuple[Point, Point, Point, Point]
"""Corners in reading order: top left, top right, bottom right, bottom left *of the text*, whichever way it stands."""


class Side(StrEnum):
    FRONT = "frontside"
    BACK = "backside"


class Device(StrEnum):
    """What took the picture, as the client says; anything else it says is unknown (contract.md, "Request")."""

    IOS = "IOS"
    ANDROID = "ANDROID"
    DESKTOP = "DESKTOP"
    UNKNOWN = "UNKNOWN"


class Attack(StrEnum):
    """What may have been photographed, or sent, in place of the card."""

    PHOTOCOPY = "photocopy"
    PRINT = "print"
    SCREEN = "screen"
    SCREENSHOT = "screenshot"
    TEXT = "text"
    PORTRAIT = "portrait"
    CONTRADICTION = "contradiction"


class Strictness(StrEnum):
    """How soon the life test suspects (docs/life.md has what came of each)."""

    PERMISSIVE = "permissive"
    BALANCED = "balanced"
    STRICT = "strict"


@dataclass(frozen=True, slots=True)
class LifeTest:
    """How the life test is taken. `enforced`: a document that it suspects is not answered."""

    device: Device = Device.UNKNOWN
    strictness: Strictness = Strictness.BALANCED
    enforced: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """One decoded picture, EXIF orientation applied.

    `scale` is sent pixels per pixel of `pixels` (1.0 unless the picture was reduced on decoding);
    `width` and `height` are those of the picture as sent, after EXIF orientation (`orientation`: 1 to 8, 1 where it is
    stored as it is shown).
    """

    pixels: Pixels
    scale: float
    width: int
    height: int
    orientation: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """One file as it is stored, not turned, and reduced only if it is very large, for whoever asks how it was made.

    `grey`: H×W of bytes; `colours`: asked for the upper share of its rows, from 0 to 1, those reduced, red, green and
    blue. `steps`: the 64 quantisation steps of a JPEG's grey, row by row; None where the file is no JPEG, or is
    reduced. `to_stored`: 2×3, from the pixels of the `Photo` to those of `grey`.
    """

    grey: Pixels
    colours: Callable[[float], Pixels]
    steps: tuple[int, ...] | None
    to_stored: Table


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """One line of print as one reader saw it.

    `scores` holds one probability per character of `text`. `lattice` is there when the reader kept its alternatives;
    `steps[i]` is then the time step at which character i of `text` was emitted.
    `quad` is in pixels of `Photo.pixels`; None when the reader does not say where (PassportEye).
    """

    text: str
    scores: tuple[float, ...]
    quad: Quad | None
    reader: str
    lattice: "Lattice | None" = None
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Print:
    """One machine code as its reader saw it: `kind` is qr or code128; `box` in pixels of `Photo.pixels`."""

    kind: str
    text: str
    box: Quad


@dataclass(frozen=True, slots=True, eq=False)
class Card:
    """One side with its lines read, all in the same upright direction.

    `turn` is by how many degrees, counter-clockwise, the text stands rotated in the picture (0, 90, 180, 270).
    """

    photo: Photo
    lines: tuple[Line, ...]
    turn: int


@dataclass(frozen=True, slots=True, eq=False)
class Text:
    """A piece of print, free (`table` None) or put into a grammar (a row of `table` per character).

    `scores` holds one probability per character. `fits` is, per character, the weight that the reader itself gave to
    what the grammar allows there, 0 to 1: low where the grammar was forced on something else. `quad` as in `Line`;
    `centres` are the middles of the characters, in the same pixels, where the reader says where it read. `said` is,
    per place, how many readings said which character (`spelling.fuse`); empty: one said the text. `contested`: other
    print of the card might be the value instead, so that its scores alone cannot confirm it.
    """

    text: str
    scores: tuple[float, ...]
    quad: Quad | None
    reader: str
    table: "Table | None" = None
    fits: tuple[float, ...] = ()
    centres: tuple[Point, ...] = ()
    said: tuple[Mapping[str, int], ...] = ()
    contested: bool = False

    @property
    def fit(self) -> float:
        """Mean of `fits`; 1 for free text."""
        return sum(self.fits) / len(self.fits) if self.fits else 1.0

    def votes(self, place: int) -> int:
        """How many readings said this character."""
        return self.said[place].get(self.text[place], 0) if self.said else 1

    def is_outvoted(self, place: int) -> bool:
        """Whether as many readings or more said another."""
        others = [count for said, count in (self.said[place] if self.said else {}).items() if said != self.text[place]]
        return max(others, default=0) >= max(self.votes(place), 1)

    @property
    def agreed(self) -> tuple[int, ...]:
        """Per character, how many readings said it; empty: one."""
        return tuple(said.get(character, 0) for said, character in zip(self.said, self.text, strict=bool(self.said)))


@dataclass(frozen=True, slots=True, eq=False)
class MrzText:
    """The three lines of a TD1 MRZ as read, 30 characters each, not yet judged."""

    lines: tuple[Text, Text, Text]


@dataclass(frozen=True, slots=True, eq=False)
class FrontText:
    """What the front's print gave, not yet judged.

    `values` by name: curp, elector_key, registration (YYYYNN), date_of_birth, section, validity, emission, sex, age …;
    a name without a value is absent. `name` and `address` are lines, top to bottom. `labels` names the labels that were
    found, whether or not a value stood by them. `issuer` is INE, IFE or empty. `whole`: the address lacks nothing.
    `lone` says where the labels of single letters stand, `blank` names those beside
    which no ink was seen. `other_rows`: names and address as other looks read them.
    """

    values: Mapping[str, Text]
    name: tuple[Text, ...]
    address: tuple[Text, ...]
    labels: frozenset[str]
    issuer: str
    abroad: bool
    whole: bool = True
    lone: Mapping[str, Quad] = field(default_factory=dict)
    blank: frozenset[str] = frozenset()
    other_rows: tuple[tuple[tuple[Text, ...], tuple[Text, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One value read from one side.

    `value` is text, or a `date` as soon as it is one; None says that there is none, and `reason` then says why.
    `confidence` is the calibrated probability, 0 to 1, that `value` is what the card prints. `confirmed` tells that an
    independent witness, a second reader or the character scores vouch for it (contract.md, "Responses").
    `source` is the reader that it came from; `witnesses` name what agreed with it.
    """

    value: str | date | None
    confidence: float = 0.0
    confirmed: bool = False
    box: Quad | None = None
    source: str | None = None
    reason: str | None = None
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Validation:
    """One automatic check by name, e.g. `curp.check_digit`. `passed` is None where the card offers nothing to check."""

    name: str
    passed: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Code:
    """A machine code of the card, understood: the `numbers` that it holds, by the fields that they repeat. `agrees`:
    the MRZ says the same; None where it says nothing. `reason`: what differs."""

    name: str
    numbers: Mapping[str, str]
    agrees: bool | None
    reason: str
    box: Quad


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pair that both sides offer. `similarity` is 0 to 1; `contradicts` tells that no misreading explains it."""

    name: str
    front: str
    back: str
    similarity: float
    weight: float
    contradicts: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a picture: `name` (blur, glare, resolution, cut_off, dark), how bad (0 to 1), what to do."""

    name: str
    severity: float
    advice_es: str
    advice_en: str


Measures = Mapping[str, float]
"""What was measured of one picture, by name; a name that is missing was not to be measured."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the life test goes by: measures of both pictures, and what the front says against itself or the MRZ."""

    front: Measures
    back: Measures
    contradictions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suspicion:
    """How much speaks for one attack, 0 to 1, and what does. `suspected`: as much as the device and the strictness ask
    for (`threshold`)."""

    attack: Attack
    score: float
    threshold: float
    reason_es: str
    reason_en: str

    @property
    def suspected(self) -> bool:
        """Whether the score reaches the threshold."""
        return self.score >= self.threshold


@dataclass(frozen=True, slots=True)
class SecondLook:
    """One reading asked for because the first left something unconfirmed, and whether it settled it."""

    side: Side
    reader: str
    wanted: str
    won: bool


@dataclass(frozen=True, slots=True)
class Straight:
    """One side alone, upright and flat, as a JPEG; where too little was read, the picture as sent, only smaller.

    `matrix` (3×3, by rows) leads from the pixels of the picture as sent to those of the JPEG. `parts` are JPEGs by
    name: portrait, signature.
    """

    jpeg: bytes
    width: int
    height: int
    matrix: tuple[tuple[float, ...], ...]
    parts: Mapping[str, bytes]

    def moved(self, box: Sequence[Sequence[float]]) -> list[Point]:
        """Points of the picture as sent, in this one's pixels."""
        return [self._moved(x, y) for x, y in box]

    def _moved(self, x: float, y: float) -> Point:
        across, down, depth = (row[0] * x + row[1] * y + row[2] for row in self.matrix)
        return round(across / depth, 1), round(down / depth, 1)


@dataclass(frozen=True, slots=True)
class SideReading:
    """What one side gave, field by field. `turn` as in `Card`; `findings` in order of severity, worst first."""

    fields: Mapping[str, Field]
    turn: int
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A document read: everything that the service answers, stores or shows.

    `front.fields`: name, surname, address, curp, elector_key, validity_period, date_of_birth, section, gender,
    emission_number. `back.fields`: country_code, document_number, citizen_id, cic, birth_date, gender,
    expiration_date, surname, name. Every key is always there; a field without a value is a `Field(None, reason=…)`.

    `codes` are the machine codes of the back that could be read. `address_parts`: street, settlement, postal_code,
    municipality, state, in the words of the card; None where one is missing or cannot be told apart. `life`: one
    `Suspicion` of each attack; none where no life test was asked for.
    `trusted` is contract.md's `valid` short of `match`: every validation passes, every key field is confirmed and no
    witness contradicts another. `percentage` is 0 to 100 with one decimal. `milliseconds` is per stage, in order.
    """

    front: SideReading
    back: SideReading
    issuer: str
    model: str | None
    swapped: bool
    validations: tuple[Validation, ...]
    comparisons: tuple[Comparison, ...]
    percentage: float
    match: bool
    trusted: bool
    doubts: tuple[str, ...]
    second_looks: tuple[SecondLook, ...]
    milliseconds: Mapping[str, float]
    codes: tuple[Code, ...] = ()
    address_parts: Mapping[str, str | None] = field(default_factory=dict)
    life: tuple[Suspicion, ...] = ()
