"""What describes a type of document: words to look for, how values are spelled."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Label:
    """A printed label: the value's name, its spellings (capitals, without spaces and accents).

    `grammars` are the value's alphabets, place by place; the one with as many places as was read is used. Empty for
    blocks of free text. `telling`: nothing else on a card is spelled so, and the value is known without its label.
    `lone`: a single letter; `above`: values that it stands above, and right of where they begin. `beside_years`: a
    number that is spelled like the years that it stands among, and not known from one by its place.
    """

    name: str
    spellings: tuple[str, ...]
    grammars: tuple[tuple[str, ...], ...] = ()
    telling: bool = False
    lone: bool = False
    above: tuple[str, ...] = ()
    beside_years: bool = False


@dataclass(frozen=True, slots=True)
class CodeForm:
    """A machine code that the document carries: its name, its kind (as `Print.kind`), and a regular expression of all
    that it holds, whose groups are named as the fields that they repeat."""

    name: str
    kind: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Extent:
    """From where to where on the card, in fractions of its width and height. `by_width`: of a side's print, left and
    right say more than top and bottom do."""

    left: float
    top: float
    right: float
    bottom: float
    by_width: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where on the cards of some models the values stand that are read, and where what is no print. `ghost`: about
    where the portrait is printed again, small and pale."""

    models: frozenset[str]
    front: Extent
    back: Extent
    pictures: Mapping[str, Extent]
    ghost: Extent | None = None


@dataclass(frozen=True, slots=True, eq=False)
class DocumentType:
    """One type of card. `headers` maps each issuer to the words that its cards open with; `titles` are other words that
    every card prints. All spellings are capitals without spaces and accents: readers lose both. `rows` are the numbers
    that stand side by side, left to right, on one model or another, all below the values `above_rows`; `years_valid`
    lie between issue and expiry. An address ends with one of `states` behind a comma or,
    abroad, with one of `countries`; both without dots and spaces. `street_words` and `settlement_words` begin its first
    rows, what follows one of `number_words` is a number, and `municipalities` are each state's, with the accents that
    some cards print. `unvouched`: values whose last characters nothing else on the card repeats and no check digit
    covers, and how many characters are read again for their sake. `codes` stand on its back. Of `layouts` the first is
    the commonest."""

    parameters: tuple[str, ...]
    name: str
    country: str
    headers: Mapping[str, tuple[str, ...]]
    titles: tuple[str, ...]
    abroad: tuple[str, ...]
    labels: tuple[Label, ...]
    above_rows: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    years_valid: int
    states: frozenset[str]
    countries: frozenset[str]
    street_words: frozenset[str]
    settlement_words: frozenset[str]
    number_words: frozenset[str]
    municipalities: Mapping[str, frozenset[str]]
    unvouched: Mapping[str, int] = field(default_factory=dict)
    codes: tuple[CodeForm, ...] = ()
    layouts: tuple[Layout, ...] = ()

    def layout(self, model: str | None) -> Layout:
        """That of a model; of one that is not known, the first."""
        return next((layout for layout in self.layouts if model in layout.models), self.layouts[0])

    @property
    def address_ends(self) -> frozenset[str]:
        """The last words of every address."""
        return self.states | self.countries

    @property
    def header_spellings(self) -> tuple[str, ...]:
        """Every word that a card opens with, of whichever issuer."""
        return (*(spelling for spellings in self.headers.values() for spelling in spellings), *self.titles)
