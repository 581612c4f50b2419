"""What a Mexican voter card prints, judged. In: text; out: normalised text, a small dataclass, or a `ValidatorError`.

Pure Python. Nothing here knows Django, the pipeline or a picture.
"""
