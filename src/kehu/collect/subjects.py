"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

SUBJECTS = (
    SubjectTable("collect_inbox", SubjectKey.MESSAGE, ("shard", "seq"), is_derived=False),
    SubjectTable("collect_deadletter", SubjectKey.MESSAGE, ("shard", "seq"), is_derived=False),
    SubjectTable("collect_importproblem", SubjectKey.IMPORT, ("imported_id",), is_derived=False),
)
