"""A palette, a seed and a tier come in; a photographed card with the data that a perfect reader returns goes out."""

from collections.abc import Mapping
from dataclasses import dataclass

from fixtures.drawing import SEEDS, draw_document, photograph

Sides = Mapping[str, Mapping[str, str | None]]
"""`frontside` and `backside`, field by field."""


@dataclass(frozen=True, slots=True)
class Card:
    """Two JPEGs and what stands on them."""

    tier: str
    seed: int
    model: str
    front: bytes
    back: bytes
    expected: Sides


def seeds(palette: str, count: int, skipped: int = 0) -> range:
    """Always the same ones: the palette's first, or the first after those that another run read."""
    return SEEDS[palette][skipped : skipped + count]


def draw_card(palette: str, seed: int, tier: str) -> Card:
    drawn = draw_document(seed, palette=palette)
    front = photograph(drawn.front, seed, tier, "front", palette)
    back = photograph(drawn.back, seed, tier, "back", palette)
    expected = {"frontside": drawn.expected["frontside"], "backside": drawn.expected["backside"]}
    return Card(tier, seed, drawn.expected["model"], front, back, expected)
