"""The network that reads at a glance: a sixth of the work of PP-OCRv6 tiny for a line.

Plain convolutions of 16 channels and multiples: both onnxruntime's blocked kernels and training on a processor are at
their best with them; the depthwise ones that usually save work took a fifth more time here, and three times as much to
train.
"""

import torch
from torch import nn

STRIDE = 4
"""Columns of a line to a time step."""
_SIZE = tuple[int, int]


class Glance(nn.Module):
    """N×1×32×W, each line with mean 0 and deviation 1 → N×(W/4)×classes, not yet probabilities."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _seen(1, 16, (3, 3), (2, 2)),
            _seen(16, 32, (3, 3), (2, 2)),
            _Again(32, (3, 3)),
            _seen(32, 64, (3, 3), (2, 1)),
            _Again(64, (3, 3)),
            _seen(64, 96, (3, 3), (2, 1)),
            _seen(96, 128, (2, 1)),
            _Again(128, (1, 5)),
            _Again(128, (1, 5)),
            nn.Dropout(0.1),
        )
        self.head = nn.Conv2d(128, classes, 1)

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        """As the class says."""
        found: torch.Tensor = self.head(self.body(lines))
        return found.squeeze(2).transpose(1, 2)


def _seen(into: int, out: int, size: _SIZE, stride: _SIZE = (1, 1)) -> nn.Sequential:
    """A convolution that keeps the size (an even one shrinks it), and what goes with it."""
    pads = (size[0] // 2 if size[0] % 2 else 0, size[1] // 2)
    layer = nn.Conv2d(into, out, size, stride, pads, bias=False)
    return nn.Sequential(layer, nn.BatchNorm2d(out), nn.ReLU(inplace=True))


class _Again(nn.Module):
    """Looks once more, and adds what it sees to what was seen."""

    def __init__(self, channels: int, size: _SIZE) -> None:
        super().__init__()
        self.seen = _seen(channels, channels, size)

    def forward(self, known: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = known + self.seen(known)
        return found
