"""`./run train NETWORK`: draws what to learn from, trains the network, writes it where the service loads it, and says
how it does on what it never saw, beside PP-OCRv6 tiny and the time that both take.

`finder` finds print in photos, `reader` reads lines of it. One process trains one network: when it is written,
onnxruntime is loaded, and with that PyTorch trains no other.
"""

import argparse
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.pixels import standardised
from ocr.pipeline.types import Photo, Quad
from training.descent import Progress
from training.export import export
from training.finding import teach_to_find
from training.lines import Line, draw_line
from training.marks import example
from training.photos import Scene, draw_scenes
from training.reading import teach_to_read

if TYPE_CHECKING:
    from ocr.pipeline.engines.strips import StripFinder
    from ocr.pipeline.engines.types import LineReader

_ENGINES = Path(__file__).parents[1] / "ocr" / "pipeline" / "engines"
_UNSEEN = 10_000_000
"""First seed of lines that are only read."""
_UNSEEN_SCENES = 90_000
_EXAMPLES = 300
Corners = NDArray[Any]
_Drawn = TypeVar("_Drawn")


def main() -> int:
    options = _parser().parse_args()
    train: Callable[[argparse.Namespace], None] = options.train
    train(options)
    return 0


def _drawn(draw: Callable[[int], _Drawn], seeds: range) -> list[_Drawn]:
    with ProcessPoolExecutor() as pool:
        drawn = list(pool.map(draw, seeds, chunksize=max(1, min(500, len(seeds) // 16))))
    print(f"> {len(drawn)} drawn", file=sys.stderr)
    return drawn


def _say(progress: Progress) -> None:
    print(f"> step {progress.step} of {progress.steps}, loss {progress.loss:.3f}", file=sys.stderr, flush=True)


# --- the one that reads


def _train_reader(options: argparse.Namespace) -> None:
    unseen = _drawn(draw_line, range(_UNSEEN, _UNSEEN + 2000))
    lines = _drawn(draw_line, range(options.lines))
    network = teach_to_read(lines, options.epochs, _say)
    examples = [standardised(line.pixels)[None, None, :, : line.pixels.shape[1] // 4 * 4] for line in lines[:_EXAMPLES]]
    export(network, examples, options.out)
    from ocr.pipeline.engines.glance import Glance  # noqa: PLC0415 - see `export`
    from ocr.pipeline.engines.ppocr import recogniser  # noqa: PLC0415

    for reader in (Glance(model=options.out).recogniser, recogniser("tiny")):
        started = time.process_time()
        right = sum(_text(reader, line) == line.text for line in unseen)
        spent = (time.process_time() - started) * 1000 / len(unseen)
        print(f"{reader.name}: {right / len(unseen):.1%} of {len(unseen)} lines to the letter, {spent:.2f} ms each")


def _text(reader: "LineReader", line: Line) -> str:
    height, width = line.pixels.shape
    whole: Quad = ((0, 0), (width, 0), (width, height), (0, height))
    photo = Photo(line.pixels, 1.0, width, height)
    return reader.read(photo, [whole])[0].text


# --- the one that finds


def _train_finder(options: argparse.Namespace) -> None:
    unseen = list(chain.from_iterable(_drawn(draw_scenes, range(_UNSEEN_SCENES, _UNSEEN_SCENES + 40))))
    scenes = list(chain.from_iterable(_drawn(draw_scenes, range(options.documents))))
    network = teach_to_find(scenes, options.steps, _say)
    rng = Random(0)
    export(
        network, [example(scene, rng)[0][None, None] for scene in scenes[:_EXAMPLES] if len(scene.quads)], options.out
    )
    from ocr.pipeline.engines.finder import Finder  # noqa: PLC0415 - see `export`
    from ocr.pipeline.engines.strips import Detector  # noqa: PLC0415

    for name, finder in (("finder", Finder(options.out)), ("PP-OCRv6 tiny", Detector())):
        started = time.process_time()
        found = sum(_found(finder, scene) for scene in unseen)
        spent = (time.process_time() - started) * 1000 / len(unseen)
        lines = sum(len(scene.quads) for scene in unseen)
        print(f"{name}: {found / lines:.1%} of {lines} lines at 608 pixels, {spent:.1f} ms a photo")


def _found(finder: "StripFinder", scene: Scene) -> int:
    """How many of a scene's lines were found by themselves: a strip as high, with its middle there."""
    strips = [np.array(strip.quad) for strip in finder.find(scene.pixels(), 608)]
    return sum(any(_is_same(line, strip) for strip in strips) for line in scene.quads)


def _is_same(line: Corners, strip: Corners) -> bool:
    height, other = (float(np.hypot(*(quad[3] - quad[0]))) for quad in (line, strip))
    apart = float(np.hypot(*(line.mean(axis=0) - strip.mean(axis=0))))
    return 0.6 < other / height < 1.6 and apart < height


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run train", description=__doc__)
    networks = parser.add_subparsers(required=True, metavar="NETWORK")
    reader = networks.add_parser("reader", help="the network that reads lines (an hour on two cores)")
    reader.add_argument("--lines", type=int, default=160_000, help="lines to draw (%(default)s)")
    reader.add_argument("--epochs", type=int, default=8, help="times that each is seen (%(default)s)")
    reader.set_defaults(train=_train_reader, out=_ENGINES / "glance.onnx")
    finder = networks.add_parser("finder", help="the network that finds them (half an hour)")
    finder.add_argument("--documents", type=int, default=1800, help="documents to draw (%(default)s)")
    finder.add_argument("--steps", type=int, default=6000, help="batches of eight to learn from (%(default)s)")
    finder.set_defaults(train=_train_finder, out=_ENGINES / "finder.onnx")
    for one in (reader, finder):
        one.add_argument("--out", type=Path, help="where the network is written (where the service loads it)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
