"""The rows of an address go in; they come out with the words spelled right that every address is made of.

An address has a form (ine.md, "Address lines"): kind of street, name, numbers; kind of settlement, name, postal code;
municipality and state. What a reader lost or misread often breaks it, however sure the reader is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise

from rapidfuzz.distance import Levenshtein

from ocr.pipeline.agreement import plain
from ocr.pipeline.documents.types import DocumentType
from ocr.pipeline.layout import as_letters, folded
from ocr.pipeline.pattern import WORDS, without_pattern_in_address
from ocr.pipeline.types import Text

REPAIRED = 0.9
"""Score of a letter that was put right: sure enough to be told, and looked at again."""
_UNREAD = 0.6
"""Score of a mark that was put in though nobody read it: it is told, and not confirmed."""
_LONG_ENOUGH = 6  # letters: shorter names are soon one letter apart


def end_of(row: str, ends: frozenset[str]) -> int | None:
    """Where the longest of the ends that the row ends with begins: its words may be dotted, stand apart, and have
    letters that were read as the digits that they resemble, or O for Q."""
    known = _by_shape(ends)
    words = list(re.finditer(r"[^ .,:;'-]+", row))
    found = (
        first.start()
        for count, first in enumerate(reversed(words), 1)
        if _shape("".join(word.group() for word in words[-count:])) in known
    )
    return min(found, default=None)


@cache
def _by_shape(ends: frozenset[str]) -> dict[str, str]:
    return {_shape(end): end for end in ends}


def _shape(text: str) -> str:
    return as_letters(text).replace("Q", "O")


def with_letters(row: Text, end: int, states: frozenset[str]) -> Text:
    """`row` with the letters of the state that begins at `end`, and no space before one that was read as a digit."""
    row = _without_digits(row, end)
    places = [place for place in range(end, len(row.text)) if row.text[place].isalpha()]
    known = _by_shape(states)[_shape("".join(row.text[place] for place in places))]
    for place, letter in zip(places, known, strict=True):
        if folded(row.text[place]) != letter:
            row = _put(row, place, letter)
    return row


def _without_digits(row: Text, end: int) -> Text:
    text, scores = row.text[:end], list(row.scores[:end])
    for letter, score in zip(row.text[end:], row.scores[end:], strict=True):
        if letter.isdigit() and len(text) > end and text.endswith(" "):
            text, scores = text[:-1], scores[:-1]
        text += as_letters(letter) if letter.isdigit() else letter
        scores.append(min(score, REPAIRED) if letter.isdigit() else score)
    return replace(row, text=text, scores=tuple(scores))


def with_stops(row: Text, end: int) -> Text:
    """`row` with the full stops of the state that begins at `end`, and no space inside one that is one word: readers
    take a stop for a comma, and of several they lose some."""
    state = row.text[end:]
    letters = "".join(filter(str.isalpha, state))
    text = re.sub(r"[.,]+$", ".", state).replace(",", ".")
    if letters not in _INITIALS | _TWO_WORDS:
        text = text.replace(" ", "")
    elif letters in _INITIALS and re.search(r"[A-Z](?:[.,] ?| )[A-Z]", state):
        text = re.sub(r"([A-Z])[.,]?", r"\1.", state)
    return row if text == state else parted_as(row, (end, len(row.text)), text)


_INITIALS = frozenset("BC BCS DF NL SLP".split())
"""States of which every letter is a word's: where one has its full stop within, or a space, all have."""
_TWO_WORDS = frozenset({"EDOMEX", "QROO"})


def without_pattern_behind(row: Text, document: DocumentType) -> Text:
    """`row` up to the state with which it ends, where the printed pattern stands behind that: TLAX. INE MEX."""
    for behind in _PATTERN.finditer(row.text):
        stop = behind.end(1)
        if end_of(row.text[:stop], document.states) is not None:
            return replace(row, text=row.text[:stop], scores=row.scores[:stop])
    return row


_PATTERN = re.compile(r"(\.?)(?:[ ,]+|(?<=\.))(?:INE|IFE)(?![A-Z])")


def spelled(rows: Sequence[Text], document: DocumentType) -> tuple[Text, ...]:
    """The rows with the words of which every address is made, and a known municipality, spelled as they surely are."""
    known = [_with_known_words(without_pattern_in_address(row, document.states), document) for row in rows]
    return (*known[:-1], *(_with_known_municipality(last, document) for last in known[-1:]))


def _with_known_words(row: Text, document: DocumentType) -> Text:
    kinds = document.street_words | document.settlement_words
    row = _with_known_forms(_with_whole_kinds(_with_whole_words(row, document.number_words), kinds))
    if (kind := _ABBREVIATED.match(row.text)) and kind[1] in kinds:
        row = parted_as(row, kind.span(), f"{kind[1]}. ")
    if none := _NO_NUMBER.search(row.text):
        row = _put(row, none.start(), "S/N")
    before = ""
    for word in re.finditer(r"[^ ]+", row.text):
        meant = _as_known(word.group(), kinds, first=not before)
        if before in document.number_words and any(map(str.isdigit, meant)):
            meant = meant.translate(_TO_DIGITS)
        row = _put(row, word.start(), meant)
        before = meant
    return row


def _as_known(word: str, kinds: frozenset[str], *, first: bool) -> str:
    """The word that it surely is, of those that every address is made of: AVEÑIDA, CÓL, CION, SANTÁ, PENASCO."""
    if word in kinds:
        return word
    bare = folded(word)
    lookalikes = (word if word.endswith(_ACCENTED_ENDING) else bare, _jota(word) if first else "")
    unlike = bare if bare in _PLAIN else TILDES.get(word, word)
    return next((other for other in lookalikes if other in kinds), unlike)


def _with_whole_words(row: Text, words: frozenset[str]) -> Text:
    """What stands before a number is one word: L T 18."""
    broken = next((word for word in re.finditer(_broken(words), row.text) if " " in word.group()), None)
    if broken is None:
        return row
    return _with_whole_words(parted_as(row, broken.span(), broken.group().replace(" ", "")), words)


def _with_whole_kinds(row: Text, kinds: frozenset[str]) -> Text:
    """What a settlement is called is one word: U HAB INFON AVIT, COL GRAN JAS."""
    words = list(re.finditer(r"[^ ]+", row.text))
    for one, other in pairwise(words):
        whole = one.group() + other.group()
        is_known = whole in kinds or whole.removesuffix("S") in kinds  # GRANJAS
        if len(whole) >= _LONG_ENOUGH and is_known and not {one.group(), other.group()} & kinds:
            return _with_whole_kinds(parted_as(row, (one.start(), other.end()), whole), kinds)
    return row


def _with_known_forms(row: Text) -> Text:
    """Spaces, stops and Q where no address is without, no space where none has one: 592 X5Y 74, DR, JIMENEZ, BOSOUES,
    L A ESCONDIDA."""
    for read, meant in _FORMS.items():
        for found in reversed(list(read.finditer(row.text))):  # what is put in moves what stands behind it
            row = parted_as(row, found.span(), found.expand(meant))
    return row


_ACCENTED_ENDING = "IÓN"
"""SECCIÓN, AMPLIACIÓN: on cards with accents in addresses."""
_ABBREVIATED = re.compile(r"([^\W\d_]{2,}|C)[.,] ?(?=\w\w)")
"""AV.CEDROS, BLVD, JAGUAR: at the beginning of a row."""
_NO_NUMBER = re.compile(r"(?<=[A-ZÑ0-9] )(?:SIN$|5/N\b)")
"""SIN at a street's end; behind a town's comma it is a state."""
_OF_THE_STATES = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_FORMS = {
    # Between 5th and 74th street; H2X 1Y4 is of Canada.
    re.compile(r"(?<=\d)(?<![A-Z]\d) ?X ?(\d{1,3}[A-Z]?) ?Y ?(\d{1,3}[A-Z]?)(?= |$)"): r" X \1 Y \2",
    re.compile(r"\bFRANCISCO ?[I1L] ?MADERO\b"): r"FRANCISCO I MADERO",
    re.compile(r"\bFRANCISCO ?[I1L][.,] ?MADERO\b"): r"FRANCISCO I. MADERO",
    re.compile(r", ([A-Z]) ([A-Z])(?= \d{5}(?!\d))"): r", \1\2",  # a state of the United States
    re.compile(rf"(?<=[A-Z]{{4}})\. ?({_OF_THE_STATES})(?= \d{{5}}(?!\d))"): r", \1",
    re.compile(r"(?<![^ ])(L(?= A )|E(?= L )|D(?= E )) (?=[ALE] [A-ZÑ]{3})"): r"\1",  # L A ESCONDIDA
    re.compile(r"\b(DR|GRAL|HDA|LIC|ING|PROFR?|SN|STR|STA|STO), ?(?=[A-ZÑ0-9])"): r"\1. ",
    re.compile(r"\b(NO|NUM|MZA?|LTE?)(?:, ?|\.)(?=\d)"): r"\1. ",
    re.compile(r"(?:(?<=[A-ZÑ]{2})|(?<=\b[AEI]))OU(?=[EI])"): "QU",  # BOSOUES, AOUILES; ROUEN has R before it
    re.compile(r"\b[I1]Z[O0]\b"): "IZQ",
    re.compile(r"^C[., ]{1,2}JON\b"): "CJON",
    re.compile(r"\bM2(?= \d)"): "MZ",
    re.compile(r"\b(DOM|DOMICILIO) ?CONOCIDO\b"): r"\1 CONOCIDO",
    re.compile(r"\bKM (\d{1,3}) ?- ?(\d{3})(?!\d)"): r"KM \1+\2",  # no reader knows a plus
    re.compile(r"\bKM (\d{2,3})(\d{3})(?!\d)"): r"KM \1+\2",
    re.compile(r"\bSAN TA\b"): "SANTA",
    re.compile(r"\b([A-Z]) (\d[A-Z] \d[A-Z]\d)$"): r"\1\2",  # M5V 2T6, of Canada
    re.compile(r"(\d)(?: -|- )(\d)"): r"\1 - \2",
    re.compile(r"\b([A-ZÑ]{2,3})\.([A-ZÑ]{2})"): r"\1. \2",  # ST.LOT
    re.compile(r"\b(INT|EXT|DEPTO|DPTO|EDIF)(?:, ?|\.)(?=[A-Z0-9])"): r"\1. ",
    re.compile(r"\bU(?:\.S\.?|S\.)A\.?$"): "U.S.A.",  # where one is dotted, all are
    re.compile(r"\bE(?:\.U\.?|U\.)A\.?$"): "E.U.A.",
    re.compile(r"\b([A-Z])I([A-Z] \d[A-Z]\d)\b"): r"\g<1>1\2",  # K1X 4J8, of Canada
    re.compile(r"\b([A-Z])O([A-Z] \d[A-Z]\d)\b"): r"\g<1>0\2",
    re.compile(r"\b(?!LT|MZ|ED|KM|NO|SM)([A-Z]{1,2}\d[A-Z\d]?)(\d[A-Z]{2})$"): r"\1 \2",  # E1 6AN, of Britain
}


def with_known_state(row: Text, document: DocumentType) -> Text:
    """An address's last row with its municipality's state, where a letter of that was misread: PATZCUARO, MICHL."""
    name, comma, read = row.text.rpartition(",")
    letters = _bare(read)
    if not comma or end_of(row.text, document.address_ends) is not None:
        return row
    likely = [
        state
        for state in document.municipalities
        if Levenshtein.distance(state, letters) == 1 and _bare(name) in _municipalities(state, document)
    ]
    if len(likely) != 1:
        return row
    (state,) = likely
    told = f"{name}, {state}{'.' * read.endswith('.')}"
    score = min(REPAIRED, *row.scores)
    scores = (*row.scores[: len(name)], *[score] * (len(told) - len(name)))
    return replace(row, text=told, scores=scores)


def parted_as(row: Text, span: tuple[int, int], text: str) -> Text:
    """As many letters and digits there, with the spaces and stops of `text`: these are as sure as those; one that
    changes is less so, and so is a mark that nobody read."""
    start, stop = span
    read = zip(row.text[start:stop], row.scores[start:stop], strict=True)
    inked = [(letter, score) for letter, score in read if letter.isalnum()]
    meant = filter(str.isalnum, text)
    sure = iter([s if one == other else min(s, REPAIRED) for (one, s), other in zip(inked, meant, strict=True)])
    least = min(score for _, score in inked)
    seen = {*" .,", *row.text[start:stop]}
    marks = {mark: least if mark in seen else min(least, _UNREAD) for mark in text}
    told = (next(sure) if letter.isalnum() else marks[letter] for letter in text)
    scores = (*row.scores[:start], *told, *row.scores[stop:])
    return replace(row, text=row.text[:start] + text + row.text[stop:], scores=scores)


@cache
def _broken(words: frozenset[str]) -> str:
    return rf"\b(?:{'|'.join(' ?'.join(word) for word in sorted(words))})(?= \d)"


TILDES = {
    word.replace("Ñ", "N"): word
    for word in (
        "ACUÑA AVENDAÑO BOLAÑOS BRICEÑO BRISEÑO CARREÑO CASTAÑEDA CASTAÑON CEDEÑO ESPAÑA IBAÑEZ LIÑAN MAGAÑA MONTAÑA "
        "MONTAÑO MUÑIZ MUÑOZ NIÑO NIÑOS NUÑEZ OCAÑA ORDOÑEZ ORDUÑA ORDUÑO PATIÑO PEÑA PEÑALOZA PEÑAS PEÑASCO PEÑON "
        "QUIÑONES QUIÑONEZ SALDAÑA SEDEÑO SEÑOR SEÑORA TREVIÑO VICUÑA VIÑA VIÑEDOS YAÑEZ ZUÑIGA ÑANDU ÑUÑO"
    ).split()
}
"""Words of streets, settlements and names that are none without their tilde, or hardly any: readers lose it."""


_PLAIN = frozenset(
    "SAN SANTA SANTO DE DEL EL LA LAS LOS Y NORTE SUR ORIENTE PONIENTE CENTRO VILLA LOMAS PRADOS".split()
)
"""Words that have no accent and no tilde: SANTÁ is a scratch."""


def _jota(word: str) -> str:
    """J loses its hook: CION for CJON, EI for EJ."""
    return word.replace("I", "J", 1)


_TO_DIGITS = str.maketrans("OQI", "001")  # KM 6O


def _put(row: Text, place: int, word: str) -> Text:
    """A word as long as the one that stands at `place` in its stead; letters that change are less sure."""
    old = row.text[place : place + len(word)]
    if old == word:
        return row
    scores = list(row.scores)
    for i, (one, other) in enumerate(zip(old, word, strict=True), place):
        scores[i] = scores[i] if one == other else min(scores[i], REPAIRED)
    return replace(row, text=row.text[:place] + word + row.text[place + len(word) :], scores=tuple(scores))


def is_known_municipality(row: str, document: DocumentType) -> bool:
    """Whether a row says a known municipality and its state, to the letter."""
    name, known = _said(row, document)
    return name in known


def is_unmistakable_municipality(row: str, document: DocumentType) -> bool:
    """Likewise one that no other of its state is spelled nearly like: JALPAN, PUE. may be AJALPAN, all others are
    hardly misread as one another."""
    name, known = _said(row, document)
    return name in known and not any(Levenshtein.distance(name, other) == 1 for other in known)


def _said(row: str, document: DocumentType) -> tuple[str, dict[str, str]]:
    """The letters that stand before a row's state, and its municipalities; none where it ends with no state."""
    end = end_of(row, document.states)
    return (_bare(row[:end]), _municipalities(_bare(row[end:]), document)) if end else ("", {})


@cache
def _municipalities(state: str, document: DocumentType) -> dict[str, str]:
    """Those of a state, by their letters."""
    return {_bare(known): known for known in document.municipalities.get(state, ())}


def _with_known_municipality(row: Text, document: DocumentType) -> Text:
    name, comma, state = row.text.rpartition(",")
    known = _municipalities(_bare(state), document)
    read = _bare(name)
    if not comma or not known:
        return row
    letters = [(letter, score) for letter, score in zip(row.text, row.scores, strict=True) if letter.isalnum()]
    read = next((read[len(word) :] for word in WORDS if read.startswith(word) and read[len(word) :] in known), read)
    if read not in known:
        alike = [one for one in known if len(one) >= _LONG_ENOUGH and Levenshtein.distance(one, read) == 1]
        if len(alike) != 1:
            return row
        read, letters = alike[0], [("", min(REPAIRED, *(score for _, score in letters)))] * len(row.text)
    accented = f"{known[read]},{state}"
    # Where its words end is known, too, which N has a tilde, and whose it is, unless a state that is spelled nearly the
    # same has one of that name. How surely all this was read does not count.
    seen = letters[-sum(map(str.isalnum, accented)) :]
    scores = iter([score for _, score in seen])
    end = len(accented) - len(state) if _is_of_one_state(read, _bare(state), document) else len(accented)
    floors = [REPAIRED if letter in "NÑ" or place >= end else 0.0 for place, letter in enumerate(accented)]
    sure = (max(next(scores), floor) if c.isalnum() else 1.0 for c, floor in zip(accented, floors, strict=True))
    told = _with_accents(accented, (letter for letter, _ in seen))
    return replace(row, text=told, scores=tuple(sure))


def _is_of_one_state(name: str, state: str, document: DocumentType) -> bool:
    """Whether no other state that is a letter from its own has it: ALDAMA is in CHIH. and in CHIS."""
    return not any(
        Levenshtein.distance(state, other) == 1 and name in _municipalities(other, document)
        for other in document.municipalities
    )


def _with_accents(accented: str, read: Iterator[str]) -> str:
    """A name with those of its accents that were read; `read`: its letters and digits."""
    told = ""
    for letter in accented:
        told += letter if not letter.isalnum() or next(read) == letter else plain(letter)
    return told


def _bare(text: str) -> str:
    return folded(re.sub(r"[.,]", "", text))


def is_regular(rows: Sequence[Text], document: DocumentType, fewest: int = 3) -> bool:
    """Whether nothing of an address seems lost: it ends as one does, no row breaks off or begins with half a word.

    `fewest`: rows that an address has; one whose street is hidden has two, and only where it stands tells.
    """
    if not rows or end_of(rows[-1].text, document.address_ends) is None:
        return False
    at_home = end_of(rows[-1].text, document.states) is not None
    return not at_home or (len(rows) >= fewest and not any(_oddities([row.text for row in rows], document)))


def _oddities(rows: Sequence[str], document: DocumentType) -> Iterator[bool]:
    """What no address within Mexico has, one by one."""
    kinds = document.street_words | document.settlement_words
    yield not any(_POSTAL_CODE.search(row) for row in rows)
    yield len(rows) > _WITHOUT_STREET and not any(_NUMBERED.search(_POSTAL_CODE.sub("", row)) for row in rows[:-1])
    for row in rows[:2]:
        yield _nearly(_first_word(row), kinds)
    for row, following in pairwise(rows):  # the last ends with a state: COL is one
        words = ["", *row.rstrip(" .,").split(" ")]
        yield words[-1] in document.number_words and not following[:1].isdigit()  # LT, and its number on the next row
        yield words[-1] in kinds - document.number_words and not _is_number(words[-2], document)  # INT C is whole
        yield any(_GLUED.search(word) for word in words)


def _is_number(word: str, document: DocumentType) -> bool:
    """Whether a letter behind it is part of a number: INT C, 1908 C."""
    return word in document.number_words or word[:1].isdigit()


_POSTAL_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)")
_NUMBERED = re.compile(r"\d|\bS/?N\b|CONOCIDO|SIN NUM")
"""A street has a number, or says that it has none: where neither is seen, the end of its row was lost."""
_WITHOUT_STREET = 2  # rows of an address whose street is hidden
_GLUED = re.compile(r"\d[A-Z]{2}|[A-Z]{2}\d")  # a number and a word: 18MZA


def _first_word(row: str) -> str:
    return row.split(" ", 1)[0].strip(".,")


def _nearly(word: str, kinds: frozenset[str]) -> bool:
    """Whether a word is a kind of street or of settlement but for a letter: CION, JON, EI."""
    return word not in kinds | _ARTICLES and any(
        Levenshtein.distance(word, kind) == 1 for kind in kinds if len(kind) > 1
    )


def begins_with_settlement(row: str, document: DocumentType) -> bool:
    """Whether it is an address's second row, or its first where the street is hidden."""
    return _first_word(row) in document.settlement_words - document.street_words


_ARTICLES = frozenset("EL LA LOS LAS".split())
"""With which the names of streets and settlements begin that stand without their kind: LOS PINOS 984."""
