"""Reads a voter credential: two JPEGs go in, a `Reading` or one `OcrError` comes out. Runs without Django."""
