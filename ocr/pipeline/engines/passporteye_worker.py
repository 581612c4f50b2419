"""PassportEye's own process, run by path so that it loads nothing else of ours: a picture in, the MRZ's text out.

On standard input, again and again: four bytes of length (big-endian), then so many bytes of a picture. On standard
output, for each: one line of JSON, the list of the MRZ's lines, empty when there is none. Ends when its input ends.
"""

import io
import json
import resource
import struct
import sys
import warnings

_MOST_MEMORY = 3 * 1024**3  # bytes of address space: it settles at 740 MB resident; a picture that swells it ends it
_QUIET = (OSError, AttributeError, ValueError, LookupError)
"""Its ways to say no, None apart (measured.md): of a text without `<` it asks how that was read, which nobody noted."""


def main() -> None:
    """Serve until the input ends."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    warnings.simplefilter("ignore")
    from passporteye import read_mrz  # noqa: PLC0415  after the limit is set, so that it holds for what this loads

    answers, sys.stdout = sys.stdout, sys.stderr  # whatever it prints must not be taken for an answer
    while len(header := sys.stdin.buffer.read(4)) == 4:
        picture = sys.stdin.buffer.read(struct.unpack(">I", header)[0])
        try:
            mrz = read_mrz(io.BytesIO(picture))
            text = str(mrz.aux.get("text", "")) if mrz is not None else ""
        except _QUIET:
            text = ""
        print(json.dumps([line.strip().upper() for line in text.split("\n") if line.strip()]), file=answers, flush=True)


if __name__ == "__main__":
    main()
