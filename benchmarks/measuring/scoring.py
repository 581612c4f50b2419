"""One answer against what stands on the card: every field right or wrong, nothing in between."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.measuring.cards import Card
from benchmarks.measuring.client import Answer

KEYS = frozenset(
    {
        ("backside", "document_number"),
        ("backside", "cic"),
        ("backside", "birth_date"),
        ("backside", "expiration_date"),
        ("frontside", "CURP"),
        ("frontside", "elector_key"),
        ("frontside", "section"),
        ("frontside", "date_of_birth"),
    }
)
"""The key fields of the goals; the birth date stands on both sides, and both must be right."""
FREE_TEXT = frozenset({"name", "surname", "address"})
"""Compared after folding spaces, dots and accents: none of them counts. Ñ is a letter of its own and is not folded."""
CONSTANT = frozenset({"document_type", "country_code"})
"""The same on every card that is read at all: nothing to score."""
NOT_ANSWERED = "(not answered)"
"""Stands where the answer has no such field, an error's body for example: never right, not even for a null."""

_TILDE, _ACCENTS = "\N{COMBINING TILDE}", "\N{COMBINING ACUTE ACCENT}\N{COMBINING DIAERESIS}\N{COMBINING GRAVE ACCENT}"


@dataclass(frozen=True, slots=True)
class FieldScore:
    """`confidence` is None where the reader tells none."""

    side: str
    name: str
    expected: str | None
    answered: str | None
    confidence: float | None

    @property
    def is_key(self) -> bool:
        return (self.side, self.name) in KEYS

    @property
    def is_right(self) -> bool:
        if self.expected is None or self.answered is None:
            return self.expected is self.answered
        fold = folded if self.name in FREE_TEXT else str
        return fold(self.answered) == fold(self.expected)

    @property
    def is_right_with_spaces(self) -> bool:
        """Right, and no word run into another nor broken."""
        if self.name not in FREE_TEXT or self.expected is None or self.answered is None:
            return self.is_right
        return spaced(self.answered) == spaced(self.expected)

    @property
    def is_claimed(self) -> bool:
        """A value was given, and how sure the reader is of it."""
        return self.answered is not None and self.confidence is not None


@dataclass(frozen=True, slots=True)
class Look:
    """One second look: which reader was called, and whether it settled what it was called for."""

    reader: str
    won: bool


@dataclass(frozen=True, slots=True)
class Score:
    """One card, answered."""

    tier: str
    seed: int
    model: str
    fields: tuple[FieldScore, ...]
    valid: bool
    match: bool
    error_code: str | None
    looks: tuple[Look, ...]
    milliseconds: float

    @property
    def keys_are_right(self) -> bool:
        return all(field.is_right for field in self.fields if field.is_key)

    @property
    def all_is_right(self) -> bool:
        return all(field.is_right for field in self.fields)

    @property
    def all_is_right_with_spaces(self) -> bool:
        return all(field.is_right_with_spaces for field in self.fields)

    @property
    def is_silent(self) -> bool:
        """A key field is wrong (a null where the card has a value included), and the answer says valid."""
        return self.valid and not self.keys_are_right

    @property
    def is_assured(self) -> bool:
        return self.valid and self.match

    @property
    def misses(self) -> tuple[FieldScore, ...]:
        """Lost spaces among them."""
        return tuple(field for field in self.fields if not field.is_right_with_spaces)


def score(card: Card, answer: Answer) -> Score:
    details = answer.body.get("details", {})
    return Score(
        card.tier,
        card.seed,
        card.model,
        field_scores(card, answer.body, details),
        bool(answer.body.get("valid")),
        bool(answer.body.get("match")),
        answer.error_code,
        tuple(Look(look["reader"], look["won"]) for look in details.get("second_looks", ())),
        answer.milliseconds,
    )


def score_rival(card: Card, answered: Mapping[str, Any], milliseconds: float) -> Score:
    """A rival reads, and says neither how sure it is nor whether anything is valid."""
    return Score(
        card.tier, card.seed, card.model, field_scores(card, answered, {}), False, False, None, (), milliseconds
    )


def field_scores(card: Card, answered: Mapping[str, Any], details: Mapping[str, Any]) -> tuple[FieldScore, ...]:
    return tuple(_field_scores(card, answered, details))


def _field_scores(card: Card, answered: Mapping[str, Any], details: Mapping[str, Any]) -> Iterator[FieldScore]:
    for side, fields in card.expected.items():
        said = answered.get(side, {})
        told = details.get(side, {}).get("fields", {})
        for name, value in fields.items():
            if name not in CONSTANT:
                confidence = told.get(name, {}).get("confidence")
                yield FieldScore(side, name, value, said.get(name, NOT_ANSWERED), confidence)


def folded(text: str) -> str:
    """Spaces, dots and accents dropped; `PEÑA` stays `PEÑA`."""
    return spaced(text).replace(" ", "")


def spaced(text: str) -> str:
    """Spaces run together, dots and accents dropped."""
    apart = unicodedata.normalize("NFD", text.upper().replace(".", ""))
    bare = re.sub(f"[{_ACCENTS}]|(?<!N){_TILDE}", "", apart)
    return " ".join(unicodedata.normalize("NFC", bare).split())
