"""Imports and sources by id."""

from kehu.collect.models import Import, Source
from kehu.core.errors import NotFound


def import_by_id(import_id: int) -> Import:
    try:
        return Import.objects.get(pk=import_id)
    except Import.DoesNotExist as error:
        raise NotFound("import", import_id) from error


def locked_import(import_id: int) -> Import:
    """Held until the transaction ends."""
    try:
        return Import.objects.select_for_update().get(pk=import_id)
    except Import.DoesNotExist as error:
        raise NotFound("import", import_id) from error


def source_by_id(source_id: int) -> Source:
    try:
        return Source.objects.get(pk=source_id)
    except Source.DoesNotExist as error:
        raise NotFound("source", source_id) from error
