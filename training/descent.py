"""Trains a network step by step: it and the losses of its batches go in, one by one; what it learnt is in it.

AdamW with one cycle of the learning rate. A loss is asked for after the step before it was taken.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn


@dataclass(frozen=True, slots=True)
class Progress:
    """`loss` is the mean since the last one; `step` counts from 1."""

    step: int
    steps: int
    loss: float


Say = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Cycle:
    """`steps` at most; the learning rate is `fastest` after the share `rising` of them."""

    steps: int
    fastest: float
    rising: float


def descend(network: nn.Module, losses: Iterable[torch.Tensor], cycle: Cycle, say: Say) -> None:
    """One step for every loss; the network is ready to be used then."""
    optimiser = torch.optim.AdamW(network.parameters(), 1e-3, weight_decay=1e-2)
    rate = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, cycle.fastest, total_steps=cycle.steps, pct_start=cycle.rising
    )
    since: list[float] = []
    network.train()
    for step, loss in enumerate(losses, 1):
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 5)
        optimiser.step()
        rate.step()
        since.append(loss.item())
        if step % 100 == 0:
            say(Progress(step, cycle.steps, float(np.mean(since))))
            since = []
    network.eval()
