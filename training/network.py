"""The two networks of the first look: `Finder` marks where print is, `Glance` reads it.

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
            _Again(96, (3, 3)),
            _seen(96, 128, (2, 1)),
            _Again(128, (1, 5)),
            _Again(128, (1, 5)),
            _Again(128, (1, 5)),
            nn.Dropout(0.1),
        )
        self.head = nn.Conv2d(128, classes, 1)

    def forward(self, lines: torch.Tensor) -> torch.Tensor:
        """As the class says."""
        found: torch.Tensor = self.head(self.body(lines))
        return found.squeeze(2).transpose(1, 2)


class Finder(nn.Module):
    """N×1×H×W, sides multiples of 32, mean 0 and deviation 1 → N×1×H/2×W/2, logits of being the core of a line.

    Down to a thirty-second of the picture, where a card is a few places wide, and back up to a quarter, each level with
    what was seen there before (U-Net). From a quarter to a half a pixel becomes four.
    """

    def __init__(self) -> None:
        super().__init__()
        self.quarter = nn.Sequential(_seen(1, 8, _THREE, _HALF), _seen(8, 24, _THREE, _HALF), _Again(24, _THREE))
        self.eighth = nn.Sequential(_seen(24, 48, _THREE, _HALF), _Again(48, _THREE), _Again(48, _THREE))
        self.sixteenth = nn.Sequential(_seen(48, 64, _THREE, _HALF), _Again(64, _THREE), _Again(64, _THREE))
        self.last = nn.Sequential(_seen(64, 96, _THREE, _HALF), _Again(96, _THREE), _Again(96, _THREE))
        self.to_sixteenth, self.to_eighth, self.to_quarter = _Up(96, 64), _Up(64, 48), _Up(48, 24)
        self.head = nn.Conv2d(24, 4, 1)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """As the class says."""
        quarter = self.quarter(pictures)
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        up = self.to_sixteenth(self.last(sixteenth), sixteenth)
        up = self.to_quarter(self.to_eighth(up, eighth), quarter)
        found: torch.Tensor = nn.functional.pixel_shuffle(self.head(up), 2)
        return found


_THREE, _HALF = (3, 3), (2, 2)


class _Up(nn.Module):
    """What was seen from further off, twice as large, joined to what was seen from nearby."""

    def __init__(self, into: int, out: int) -> None:
        super().__init__()
        self.narrowed = nn.Sequential(nn.Conv2d(into, out, 1, bias=False), nn.BatchNorm2d(out))
        self.seen = _seen(out, out, _THREE)

    def forward(self, far: torch.Tensor, near: torch.Tensor) -> torch.Tensor:
        larger = nn.functional.interpolate(self.narrowed(far), scale_factor=2.0, mode="nearest")
        found: torch.Tensor = self.seen(torch.relu(near + larger))
        return found


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
