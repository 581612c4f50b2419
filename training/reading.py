"""Teaches a network to read: drawn lines go in, a trained `Glance` comes out.

CTC; bfloat16 where the processor has it. The same seed, lines and versions
give the same network, but for the order in which two threads add up.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ocr.pipeline.pixels import standardised
from ocr.pipeline.spelling import ALPHABET, INDEX
from training.descent import Cycle, Say, descend
from training.lines import HEIGHT, Line
from training.network import STRIDE, Glance

_FASTEST = 4e-3  # learning rate at the cycle's peak
_SEED = 0
_SPARE = 50  # steps: how many batches an epoch has depends on how its lines are mixed
_POOL = 4096  # lines that are sorted by width before they are cut into batches
_BATCH_COLUMNS = 64 * 210
Ids = NDArray[np.int64]


def teach_to_read(lines: Sequence[Line], epochs: int, say: Say) -> Glance:
    """Train on `lines`; one whose text has more characters than the line has time steps is left out."""
    torch.manual_seed(_SEED)
    rng = np.random.default_rng(_SEED)
    ids = np.array([i for i, line in enumerate(lines) if _fits(line)])
    network: Glance = Glance(len(ALPHABET)).to(memory_format=torch.channels_last)
    steps = epochs * len(list(_batches(lines, ids, np.random.default_rng(_SEED)))) + _SPARE
    losses = (
        _loss(network, [lines[i] for i in batch], rng) for _ in range(epochs) for batch in _batches(lines, ids, rng)
    )
    descend(network, losses, Cycle(steps, _FASTEST, rising=0.15), say)
    return network


def _fits(line: Line) -> bool:
    """CTC needs a step for each character, and one between two that are alike."""
    doubled = sum(a == b for a, b in zip(line.text, line.text[1:], strict=False))
    return len(line.text) + doubled <= int(line.pixels.shape[1]) // STRIDE


def _batches(lines: Sequence[Line], ids: Ids, rng: np.random.Generator) -> Iterator[Ids]:
    """Lines of like width together, in an order that is another each time."""
    mixed, batches = rng.permutation(ids), []
    for start in range(0, len(mixed), _POOL):
        pool = sorted(mixed[start : start + _POOL], key=lambda i: lines[i].pixels.shape[1])
        while pool:
            count = int(np.clip(_BATCH_COLUMNS / lines[pool[0]].pixels.shape[1], 16, 192))
            batches.append(np.array(pool[:count]))
            pool = pool[count:]
    yield from (batches[i] for i in rng.permutation(len(batches)))


def _loss(network: Glance, lines: Sequence[Line], rng: np.random.Generator) -> torch.Tensor:
    """Lines are stretched and made noisy a little, so that none looks the same twice."""
    block = torch.from_numpy(_block([line.pixels for line in lines])).contiguous(memory_format=torch.channels_last)
    stretch = rng.uniform(0.85, 1.2) if rng.random() < 0.4 else 1.0
    if stretch != 1.0:
        size = (HEIGHT, int(block.shape[3] * stretch / STRIDE) * STRIDE)
        block = nn.functional.interpolate(block, size=size, mode="bilinear")
    if rng.random() < 0.3:
        block = block + torch.randn_like(block) * rng.uniform(0, 0.3)
    with torch.autocast("cpu", torch.bfloat16):
        found = network(block)
    texts = [[INDEX[character] for character in line.text] for line in lines]
    most = found.shape[1]
    return nn.functional.ctc_loss(
        found.float().log_softmax(-1).transpose(0, 1),
        torch.tensor([index for text in texts for index in text]),
        torch.tensor([min(most, math.ceil(line.pixels.shape[1] * stretch / STRIDE)) for line in lines]),
        torch.tensor([len(text) for text in texts]),
        zero_infinity=True,
    )


def _block(pictures: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
    width = math.ceil(max(picture.shape[1] for picture in pictures) / STRIDE) * STRIDE
    block = np.zeros((len(pictures), 1, HEIGHT, width), np.float32)
    for row, picture in enumerate(pictures):
        block[row, 0, :, : picture.shape[1]] = standardised(picture)
    return block
