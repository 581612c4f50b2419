"""Print made by hand: lines, lattices, and both sides of one fictitious card, whose check digits all hold."""

from collections.abc import Mapping, Sequence

import numpy as np

from ocr.pipeline.engines.recogniser import greedy
from ocr.pipeline.spelling import ALPHABET, INDEX, spell
from ocr.pipeline.types import Card, FrontText, Line, MrzText, Photo, Pixels, Quad, Text
from validators import curp, elector_key, mrz
from validators.positions import DIGITS

WIDTH, HEIGHT = 1000, 640
BLANK = "\0"

MRZ = (
    "IDMEX1234567897<<0747123456789",
    "8205063H3312315MEX<01<<12345<1",
    "HERNANDEZ<GARCIA<<JUAN<CARLOS<",
)
CURP = "HEGJ820506HBCRRN02"
KEY = "HRGRJN82050602H900"

Row = tuple[str, float, float, float]
"""Text, left, top, height; a character is half as wide as its line is high."""
Rows = Mapping[str, Row]

G_FRONT: Rows = {
    "header": ("INSTITUTO NACIONAL ELECTORAL", 320, 20, 28),
    "title": ("CREDENCIAL PARA VOTAR", 320, 60, 24),
    "name": ("NOMBRE", 320, 160, 14),
    "paternal": ("HERNÁNDEZ", 320, 182, 20),
    "maternal": ("GARCÍA", 320, 206, 20),
    "given": ("JUAN CARLOS", 320, 230, 20),
    "sex": ("SEXO H", 840, 160, 16),
    "address": ("DOMICILIO", 320, 300, 14),
    "street": ("AV REFORMA 123 INT 4", 320, 322, 20),
    "colony": ("COL CENTRO 22000", 320, 346, 20),
    "town": ("TIJUANA, B.C.", 320, 370, 20),
    "elector_key": ("CLAVE DE ELECTOR HRGRJN82050602H900", 320, 430, 18),
    "curp": ("CURP", 320, 470, 14),
    "curp_value": (CURP, 320, 492, 20),
    "registration": ("AÑO DE REGISTRO", 660, 470, 14),
    "registration_value": ("2000 01", 660, 492, 20),
    "date_of_birth": ("FECHA DE NACIMIENTO", 320, 540, 14),
    "date_of_birth_value": ("06/05/1982", 320, 562, 20),
    "section": ("SECCIÓN", 550, 540, 14),
    "section_value": ("0747", 550, 562, 20),
    "validity": ("VIGENCIA", 700, 540, 14),
    "validity_value": ("2023-2033", 700, 562, 20),
}
"""Models G and H, where ine.md says that they stand."""

E_FRONT: Rows = {
    "header": ("INSTITUTO NACIONAL ELECTORAL", 320, 20, 28),
    "title": ("CREDENCIAL PARA VOTAR", 320, 60, 24),
    "name": ("NOMBRE", 320, 130, 14),
    "paternal": ("HERNÁNDEZ", 320, 152, 20),
    "maternal": ("GARCÍA", 320, 176, 20),
    "given": ("JUAN CARLOS", 320, 200, 20),
    "date_of_birth": ("FECHA DE NACIMIENTO", 780, 130, 14),
    "date_of_birth_value": ("06/05/1982", 780, 152, 20),
    "sex": ("SEXO H", 780, 190, 16),
    "address": ("DOMICILIO", 320, 250, 14),
    "street": ("AV REFORMA 123 INT 4", 320, 272, 20),
    "colony": ("COL CENTRO 22000", 320, 296, 20),
    "town": ("TIJUANA, B.C.", 320, 320, 20),
    "elector_key": ("CLAVE DE ELECTOR HRGRJN82050602H900", 320, 380, 18),
    "curp": ("CURP HEGJ820506HBCRRN02", 320, 420, 18),
    "registration": ("AÑO DE REGISTRO 2000 01", 620, 420, 18),
    "place": ("ESTADO 02 MUNICIPIO 004 SECCIÓN 0747", 320, 460, 18),
    "years": ("LOCALIDAD 0001 EMISIÓN 2023 VIGENCIA 2033", 320, 500, 18),
}
"""Models E and F, in the reading order that ine.md gives."""


def quad(left: float, top: float, right: float, bottom: float) -> Quad:
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def line(text: str, left: float = 0, top: float = 0, height: float = 20, *, score: float = 0.99) -> Line:
    """A level line of even pitch, as a reader sees it who keeps no alternatives."""
    return Line(text, (score,) * len(text), quad(left, top, left + len(text) * height / 2, top + height), "hand")


Place = str | Mapping[str, float]
"""A character, or characters with their probabilities; what is left over is the blank's."""


def lit(places: Sequence[Place], box: Quad | None = None) -> Line:
    """A line with its lattice: each place lit for one time step, blanks between, read greedily as PP-OCR is."""
    lattice = np.zeros((2 * len(places) + 1, len(ALPHABET)), np.float32)
    lattice[:, INDEX[BLANK]] = 1
    for number, place in enumerate(places):
        for character, weight in ({place: 0.99} if isinstance(place, str) else place).items():
            lattice[2 * number + 1, INDEX[character]] = weight
            lattice[2 * number + 1, INDEX[BLANK]] -= weight
    return greedy(lattice, box or quad(0, 0, 10 * len(places), 20), "hand")


def spaced(text: str, steps: tuple[int, ...], weights: dict[int, dict[str, float]] | None = None) -> Line:
    """A street whose reader placed the characters at these steps, with weights for others at steps between them."""
    lattice = np.full((steps[-1] + 2, len(ALPHABET)), 1e-6, np.float32)
    lattice[:, INDEX[BLANK]] = 1.0
    for character, step in zip(text, steps, strict=True):
        lattice[step, [INDEX[BLANK], INDEX[character]]] = 0.01, 0.99
    for step, alternatives in (weights or {}).items():
        for character, weight in alternatives.items():
            lattice[step, INDEX[character]] = weight
            lattice[step, INDEX[BLANK]] -= weight
    box: Quad = quad(320, 322, 320 + 5 * len(lattice), 342)
    return Line(text, (0.99,) * len(text), box, "hand", lattice, steps)


def doubting(text: str, doubts: Mapping[int, Mapping[str, float]]) -> Line:
    """`text`, but for the places at which the reader hesitated: their probabilities."""
    return lit([doubts.get(i, character) for i, character in enumerate(text)])


def rows(*printed: Row) -> tuple[Line, ...]:
    return tuple(line(text, left, top, height) for text, left, top, height in printed)


def front_lines(front: Rows = G_FRONT, **other: Row | str | None) -> tuple[Line, ...]:
    """The lines of a front; `other` puts another text or row in place of one, or leaves it out (None)."""
    printed = dict(front)
    for name, row in other.items():
        if row is None:
            del printed[name]
        else:
            printed[name] = (row, *printed[name][1:]) if isinstance(row, str) else row
    return rows(*printed.values())


def back_lines(lines: Sequence[str] = MRZ, *, top: float = 460) -> tuple[Line, ...]:
    """An MRZ of even pitch over the bottom of a back, 30 characters over 900 pixels."""
    return tuple(
        Line(text, (0.99,) * len(text), quad(50, top + 60 * i, 50 + 30 * len(text), top + 60 * i + 40), "hand")
        for i, text in enumerate(lines)
        if text
    )


def grey(width: int = WIDTH, height: int = HEIGHT, value: int = 180) -> Pixels:
    pixels = np.full((height, width), value, np.uint8)
    pixels.setflags(write=False)
    return pixels


def card(*lines: Line, pixels: "Pixels | None" = None) -> Card:
    shown = grey() if pixels is None else pixels
    return Card(Photo(shown, 1.0, shown.shape[1], shown.shape[0]), lines, 0)


def spelled_mrz(lines: Sequence[str | Line] = MRZ) -> MrzText:
    """Three lines put into their grammars; a `Line` where the reader hesitated."""
    first, second, third = (
        spell(line(said) if isinstance(said, str) else said, grammar)
        for said, grammar in zip(lines, (mrz.LINE_1, mrz.LINE_2, mrz.LINE_3), strict=True)
    )
    return MrzText((first, second, third))


_YEAR = ("12", "09", DIGITS, DIGITS)
GRAMMARS: Mapping[str, Sequence[str]] = {
    "curp": curp.POSITIONS,
    "elector_key": elector_key.POSITIONS,
    "registration": (*_YEAR, DIGITS, DIGITS),
    "date_of_birth": ("0123", DIGITS, "/", "01", DIGITS, "/", *_YEAR),
    "section": (DIGITS,) * 4,
    "validity": (*_YEAR, "-", *_YEAR),
    "emission": _YEAR,
    "sex": ("HMX",),
}
VALUES: Mapping[str, str] = {
    "curp": CURP,
    "elector_key": KEY,
    "registration": "200001",
    "date_of_birth": "06/05/1982",
    "section": "0747",
    "validity": "2023-2033",
    "sex": "H",
}
G_LABELS = frozenset({*VALUES, "name", "address"})


def value(name: str, said: str | Line) -> Text:
    """A value of the front in its grammar; the year alone and NB have grammars of their own."""
    seen = line(said) if isinstance(said, str) else said
    shorter = {("validity", 4): _YEAR, ("sex", 2): ("N", "B")}
    return spell(seen, shorter.get((name, len(seen.text)), GRAMMARS[name]))


def free(*texts: str, score: float = 0.99) -> tuple[Text, ...]:
    """Rows of names or of an address."""
    return tuple(Text(text, (score,) * len(text), None, "hand") for text in texts)


def front_text(
    *,
    name: Sequence[str] = ("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS"),
    address: Sequence[str] = ("AV REFORMA 123", "COL CENTRO 22000", "TIJUANA, B.C."),
    labels: frozenset[str] = G_LABELS,
    issuer: str = "INE",
    abroad: bool = False,
    **other: str | Line | Text | None,
) -> FrontText:
    """The front of the card, read; `other` says another value, or leaves it out (None)."""
    said = {**VALUES, **other}
    seen = {key: text for key, text in said.items() if text is not None}
    values = {key: text if isinstance(text, Text) else value(key, text) for key, text in seen.items()}
    return FrontText(values, free(*name), free(*address), labels, issuer, abroad)
