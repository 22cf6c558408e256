"""What this room keeps for a while only: uploaded files, problems of imports, closed dead letters."""

from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kehu.collect.models import DeadLetter, Import, ImportProblem
from kehu.core.files import file_store
from kehu.core.registries import RetentionKind


def _files(before: datetime) -> QuerySet[Import]:
    return Import.objects.filter(created_at__lt=before).exclude(file_path="").exclude(state=Import.State.RUNNING)


def _purge_files(before: datetime) -> int:
    """The content is kept once however often it was uploaded: it goes when its youngest upload is old."""
    going = set(_files(before).values_list("file_path", flat=True))
    still = set(Import.objects.filter(file_path__in=going, created_at__gte=before).values_list("file_path", flat=True))
    for key in going - still:
        try:
            file_store().delete(key)
        except FileNotFoundError:
            continue
    return _files(before).update(file_path="")


def _problems(before: datetime) -> QuerySet[ImportProblem]:
    return ImportProblem.objects.filter(imported__finished_at__lt=before)


def _letters(before: datetime) -> QuerySet[DeadLetter]:
    return DeadLetter.objects.filter(created_at__lt=before).exclude(state=DeadLetter.State.OPEN)


RETENTION: Final = (
    RetentionKind(
        "import_files", _("Uploaded files"), lambda before: _files(before).count(), _purge_files, 30,
        note=_("Their rows are in the inbox."),
    ),
    RetentionKind(
        "import_problems", _("Rows that could not be imported"), lambda before: _problems(before).count(),
        lambda before: _problems(before).delete()[0], 90,
    ),
    RetentionKind(
        "dead_letters", _("Dead letters that were settled"), lambda before: _letters(before).count(),
        lambda before: _letters(before).delete()[0], 180,
    ),
)  # fmt: skip
