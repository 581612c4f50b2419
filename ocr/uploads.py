"""How a request's files are taken in: in memory, in few pieces."""

from django.core.files.uploadhandler import MemoryFileUploadHandler


class InMemory(MemoryFileUploadHandler):
    """Django's, which asks for 64 kB at a time: of the 600 kB of a document, each piece costs gunicorn a copy of what
    it holds behind it. Asked for all at once, Django copies as much."""

    chunk_size = 256 * 1024
