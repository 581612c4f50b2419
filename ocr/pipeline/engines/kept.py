"""Models that are made of others once, and kept in a folder of the caller's: a process that finds one there loads
neither the original nor what makes it. `./run setup` has them made beforehand (`load_readers`).
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile

from ocr.pipeline.engines.sessions import VERSION, simplified


def kept(folder: Path, name: str, origin: str, make: Callable[[], bytes]) -> bytes:
    """The model that `make` makes, as onnxruntime simplifies it. Another `origin` makes another file; so does another
    onnxruntime."""
    place = folder / f"{name}-{sha256(f'{VERSION} {origin}'.encode()).hexdigest()[:16]}.onnx"
    try:
        return place.read_bytes()
    except OSError:
        model = simplified(make())
    with suppress(OSError):  # a folder that may not be written to: it is made anew each time
        _keep(model, place)
    return model


def kept_file(folder: Path | None, path: Path) -> bytes | Path:
    """The model in `path`, simplified; None keeps nothing, and leaves it as it is."""
    if folder is None:
        return path
    model = path.read_bytes()
    return kept(folder, path.stem, sha256(model).hexdigest(), lambda: model)


def _keep(model: bytes, place: Path) -> None:
    """Whole or not at all: other processes may look for it meanwhile."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=place.parent, delete=False) as temporary:
        temporary.write(model)
    Path(temporary.name).chmod(0o644)  # no secret: whoever serves may be another user than whoever installed
    Path(temporary.name).replace(place)
