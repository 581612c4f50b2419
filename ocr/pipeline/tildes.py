"""Printed names and the CURP go in; the names come out with the tildes that the CURP tells of.

Readers lose the tilde, and the MRZ prints none. A CURP writes X where its name has Ñ, and N where it has N (RENAPO,
Instructivo normativo, anexo 1), in two places for each of its three names: the initial and the first inner consonant.
Of the others nobody tells but the word: there is hardly an IBANEZ.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from ocr.pipeline.addresses import TILDES
from ocr.pipeline.agreement import TILDE_SCORES
from ocr.pipeline.types import Text
from validators import name as names

TOLD = 0.99
"""Score of a letter that the CURP, of which its check digit and the MRZ are sure, repeats."""
_DOUBTED = 0.9  # score up to which an Ñ may be an N: a surely read tilde is one
_PLACES = {"paternal": (0, 13), "maternal": (2, 14), "given": (3, 15)}


def with_tildes(surname: Text | None, name: Text | None, curp: str) -> tuple[Text | None, Text | None]:
    """Surname and given names with every N and Ñ as `curp`, which must be confirmed, has it; others stay as read."""
    paternal, maternal = _surnames(surname.text if surname else "")
    given = names.given_word(name.text) if name else ""
    surname = _told(_told(surname, paternal, "paternal", curp), maternal, "maternal", curp)
    return surname, _told(name, given, "given", curp)


def doubted(text: Text | None) -> Text | None:
    """A name with an N in doubt that its word hardly ever has, unless it was surely read."""
    if text is None or len(text.scores) != len(text.text):
        return text
    words = (word for word in _words(text) if word.group() in TILDES)
    places = {word.start() + i for word in words for i in range(len(word.group())) if TILDES[word.group()][i] == "Ñ"}
    doubtful = {place for place in places if text.scores[place] < TOLD}
    scores = tuple(TILDE_SCORES["N"] if place in doubtful else score for place, score in enumerate(text.scores))
    return replace(text, scores=scores)


def _surnames(text: str) -> tuple[str, str]:
    """The words of both that keys are made of; empty where it cannot be told which word that is."""
    words = [word for word in names.fold(text).split() if word not in names.PARTICLES]
    return names.surname_word(text), words[1] if len(words) == _TWO else ""


_TWO = 2


def _told(text: Text | None, word: str, whose: str, curp: str) -> Text | None:
    found = next((match for match in _words(text) if names.fold(match.group()) == word), None)
    if text is None or found is None or not _is_its(word, curp[_PLACES[whose][0]]):
        return text
    for place, letter in zip(_letters(word), (curp[place] for place in _PLACES[whose]), strict=True):
        if place is not None:
            text = _put(text, found.start() + place, letter)
    return text


def _is_its(word: str, initial: str) -> bool:
    """Whether a CURP that has this initial may know of the word: of PONCE DE LEON, a lone surname, it has PONCE."""
    return bool(word) and (word[0] == initial or (word[0] in "NÑ" and initial == names.NONE))


def _words(text: Text | None) -> Iterator[re.Match[str]]:
    return re.finditer(r"[^ ]+", text.text if text else "")


def _letters(word: str) -> tuple[int | None, int | None]:
    """Where the initial and the first inner consonant stand, where they are N or Ñ."""
    inner = re.search(r"(?<!^)[B-DF-HJ-NP-TV-ZÑ]", word)
    places = 0, inner.start() if inner else None
    first, second = (place if place is not None and word[place] in "NÑ" else None for place in places)
    return first, second


def _put(text: Text, place: int, said: str) -> Text:
    letter, score = text.text[place], text.scores[place]
    meant = {"X": "Ñ", "N": "N" if letter == "Ñ" and score <= _DOUBTED else letter}.get(said)
    if meant is None or (meant, said) == ("Ñ", "N"):
        return text
    scores = (*text.scores[:place], TOLD, *text.scores[place + 1 :])
    return replace(text, text=text.text[:place] + meant + text.text[place + 1 :], scores=scores)
