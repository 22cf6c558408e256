"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

SUBJECTS = (SubjectTable("clean_rulefinding", SubjectKey.RECORD, ("record_id",)),)
