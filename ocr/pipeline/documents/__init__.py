"""One file per document type, pure data; every `DocumentType` in this folder is found automatically."""

import importlib
import pkgutil

from ocr.pipeline.documents.types import DocumentType


def _found() -> dict[str, DocumentType]:
    modules = (importlib.import_module(f"{__name__}.{info.name}") for info in pkgutil.iter_modules(__path__))
    types = (value for module in modules for value in vars(module).values() if isinstance(value, DocumentType))
    return {parameter: found for found in types for parameter in found.parameters}


BY_PARAMETER: dict[str, DocumentType] = _found()
"""What a client may send as `document_type` → the type of document."""
