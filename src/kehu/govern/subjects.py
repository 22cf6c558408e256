"""Where this room, and the core below it, keep data of a person."""

from kehu.core.registries import SubjectKey, SubjectTable

STAFF, TRANSIENT = SubjectKey.STAFF, SubjectKey.TRANSIENT
SUBJECTS = (
    SubjectTable("govern_user", STAFF, ("id",), is_derived=False),
    SubjectTable("govern_apitoken", STAFF, ("user_id",), is_derived=False),
    SubjectTable("govern_share", SubjectKey.RECORD, ("record_id",), is_derived=False),
    # The trail holds what people changed, pinned values among it; it is append-only but for redaction.
    SubjectTable("govern_auditentry", STAFF, ("actor_id",), is_derived=False),
    SubjectTable("core_idempotencykey", TRANSIENT, ("created_at",), is_derived=False),
    SubjectTable("core_outboxevent", TRANSIENT, ("occurred_at",), is_derived=False),
)
