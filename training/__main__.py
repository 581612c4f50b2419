"""`./run train`: draws lines, trains the network that reads at a glance, writes it where the service loads it, and says
how many lines that it never saw it reads to the letter, beside PP-OCRv6 tiny and the time that both take.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import cv2

from ocr.pipeline.types import Photo, Quad
from training.learn import Progress, export, learn
from training.lines import Line, draw_line

if TYPE_CHECKING:
    from ocr.pipeline.engines.types import LineReader

MODEL = Path(__file__).parents[1] / "ocr" / "pipeline" / "engines" / "glance.onnx"
_HELD_OUT = range(10_000_000, 10_002_000)
"""Seeds of the lines that are only read."""


def main() -> int:
    options = _parser().parse_args()
    with ProcessPoolExecutor() as pool:
        lines = list(pool.map(draw_line, range(options.lines), chunksize=500))
        unseen = list(pool.map(draw_line, _HELD_OUT, chunksize=500))
    print(f"> {len(lines)} lines drawn", file=sys.stderr)
    network = learn(lines, options.epochs, _say)
    export(network, options.out)
    # Only now: with onnxruntime loaded before, PyTorch's first step back never ends.
    from ocr.pipeline.engines.glance import Glance  # noqa: PLC0415
    from ocr.pipeline.engines.ppocr import recogniser  # noqa: PLC0415

    for reader in (Glance(model=options.out).recogniser, recogniser("tiny")):
        right, milliseconds = _read(reader, unseen)
        print(
            f"{reader.name}: {right / len(unseen):.1%} of {len(unseen)} lines to the letter, {milliseconds:.2f} ms each"
        )
    return 0


def _say(progress: Progress) -> None:
    print(f"> step {progress.step} of {progress.steps}, loss {progress.loss:.3f}", file=sys.stderr, flush=True)


def _read(reader: "LineReader", lines: Sequence[Line]) -> tuple[int, float]:
    started = time.process_time()
    texts = [_text(reader, line) for line in lines]
    spent = (time.process_time() - started) * 1000 / len(lines)
    return sum(text == line.text for text, line in zip(texts, lines, strict=True)), spent


def _text(reader: "LineReader", line: Line) -> str:
    height, width = line.pixels.shape
    whole: Quad = ((0, 0), (width, 0), (width, height), (0, height))
    photo = Photo(cv2.cvtColor(line.pixels, cv2.COLOR_GRAY2BGR), 1.0, width, height)
    return reader.read(photo, [whole])[0].text


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run train", description=__doc__)
    parser.add_argument("--lines", type=int, default=160_000, help="lines to draw (%(default)s)")
    parser.add_argument("--epochs", type=int, default=10, help="times that each is seen (%(default)s)")
    parser.add_argument("--out", type=Path, default=MODEL, help="where the network is written (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
