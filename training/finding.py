"""Teaches a network where print is: scenes go in, a trained `Finder` comes out.

Cross-entropy and overlap; bfloat16 where the processor has it. Threads cut the examples while the network learns, so
which comes when is not the same twice.
"""

from collections.abc import Sequence
from queue import Queue
from random import Random
from threading import Thread

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from training.descent import Cycle, Say, descend
from training.marks import example
from training.network import Finder
from training.photos import Scene

_FASTEST = 3e-3  # learning rate at the cycle's peak
_BATCH = 8
_CUTTERS = 2  # threads
_WEIGHT = 2.0  # of a pixel of print: there are ten times as many others
_Batch = tuple[NDArray[np.float32], NDArray[np.float32]]


def teach_to_find(scenes: Sequence[Scene], steps: int, say: Say) -> Finder:
    """Train on `scenes` for so many steps; one without lines is left out."""
    torch.manual_seed(0)
    scenes = [scene for scene in scenes if len(scene.quads)]
    batches: Queue[_Batch] = Queue(maxsize=12)
    for cutter in range(_CUTTERS):
        Thread(target=_cut, args=(scenes, Random(f"cutter:{cutter}"), batches), daemon=True).start()
    network: Finder = Finder().to(memory_format=torch.channels_last)
    losses = (_loss(network, *batches.get()) for _ in range(steps))
    descend(network, losses, Cycle(steps, _FASTEST, rising=0.1), say)
    return network


def _cut(scenes: Sequence[Scene], rng: Random, batches: "Queue[_Batch]") -> None:
    while True:
        pieces, heats = zip(*(example(rng.choice(scenes), rng) for _ in range(_BATCH)), strict=True)
        batches.put((np.stack(pieces)[:, None], np.stack(heats)[:, None]))


def _loss(network: Finder, pieces: NDArray[np.float32], marked: NDArray[np.float32]) -> torch.Tensor:
    shown, heat = torch.from_numpy(pieces).contiguous(memory_format=torch.channels_last), torch.from_numpy(marked)
    with torch.autocast("cpu", torch.bfloat16):
        found = network(shown)
    found = found.float()
    pixels = nn.functional.binary_cross_entropy_with_logits(found, heat, pos_weight=torch.tensor(_WEIGHT))
    seen = found.sigmoid()
    overlap = 2 * (seen * heat).sum() / (seen.sum() + heat.sum() + 1)
    return pixels + (1 - overlap) / 2
