"""What a training says of itself while it runs."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """`loss` is the mean since the last one; `step` counts from 1."""

    step: int
    steps: int
    loss: float


Say = Callable[[Progress], None]
