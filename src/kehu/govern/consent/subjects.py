"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

SUBJECTS = (
    SubjectTable("consent_word", SubjectKey.RECORD, ("record_id",), is_derived=False),
    SubjectTable("consent_mark", SubjectKey.RECORD, ("record_id",), is_derived=False),
)
