"""The same tree in other apps' models and templates, for ``benchmarks/rendering.py``."""
