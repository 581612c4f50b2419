"""Reads a voter credential: two JPEGs go in, a `Reading` or one `OcrError` comes out. Runs without Django."""

import os

# numpy and OpenCV each bring OpenBLAS, which looks at this when it is loaded. Its threads spin while they wait, for 120
# ms of processor time while a reader loads, and nothing that is multiplied here is large enough for two.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
