"""The jobs of the room."""

from kehu.collect.imports import tasks as import_tasks

__all__ = ["import_tasks"]
