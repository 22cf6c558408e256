"""Where this room keeps data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

SUBJECTS = (
    SubjectTable("teamwork_comment", SubjectKey.RECORD, ("record_id",), is_derived=False),
    SubjectTable("teamwork_follow", SubjectKey.RECORD, ("record_id",), is_derived=False),
    SubjectTable("teamwork_visit", SubjectKey.RECORD, ("record_id",), is_derived=False),
    SubjectTable("teamwork_notification", SubjectKey.RECORD, ("record_id",), is_derived=False),
    SubjectTable("teamwork_notificationsettings", SubjectKey.STAFF, ("user_id",), is_derived=False),
)
