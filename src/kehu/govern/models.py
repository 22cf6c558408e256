"""People, departments, roles, keys, and the audit trail."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Department(models.Model):
    name = models.CharField(max_length=100)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who work on the same customers, across departments or inside one."""

    name = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.name


SHIPPED_ROLE_NAMES = {
    "administrator": _("Administrator"),
    "system_administrator": _("System administrator"),
    "security_administrator": _("Security administrator"),
    "steward": _("Data steward"),
    "manager": _("Sales manager"),
    "rep": _("Sales representative"),
    "agent": _("Service agent"),
    "marketer": _("Marketer"),
    "auditor": _("Auditor"),
    "engineer": _("Field engineer"),
    "privacy_officer": _("Privacy officer"),
    "executive": _("Executive"),
    "partner": _("Partner"),
    "api_client": _("API client"),
    "newcomer": _("Newcomer (no rights yet)"),
}


class Role(models.Model):
    """What its holders may do, on whose records, and which fields they see whole."""

    class Scope(models.TextChoices):
        OWN = "own", _("own records")
        TEAM = "team", _("those of their teams")
        DEPARTMENT = "department", _("own department")
        TREE = "tree", _("own department and those below")
        ALL = "all", _("all records")

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=100)
    permissions = ArrayField(models.CharField(max_length=60), default=list)
    scope = models.CharField(max_length=12, choices=Scope, default=Scope.DEPARTMENT)
    unmasked = ArrayField(models.CharField(max_length=60), default=list)
    # attribute -> field_access.FieldAccess, where it differs from what `unmasked` and the masks come to
    fields = models.JSONField(default=dict)
    is_strict = models.BooleanField(default=False)
    requires_mfa = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(SHIPPED_ROLE_NAMES.get(self.slug, self.name))


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=100)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT)
    role = models.ForeignKey(Role, on_delete=models.PROTECT)
    language = models.CharField(max_length=10, default="zh-hans")
    theme = models.CharField(max_length=5, default="auto")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(db_default=Now())

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    def __str__(self) -> str:
        return self.name or self.email


class TeamMember(models.Model):
    team = models.ForeignKey(Team, on_delete=models.CASCADE)
    user = models.ForeignKey(User, on_delete=models.CASCADE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="team_member_once")]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.team_id}"


class Territory(models.Model):
    """Places whose customers a team or a department sees, wherever their records came from."""

    name = models.CharField(max_length=100)
    # beginnings of an address or a city: 浙江省, 浙江省杭州市
    places = ArrayField(models.CharField(max_length=60))
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE)
    department = models.ForeignKey(Department, null=True, on_delete=models.CASCADE)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=False) ^ models.Q(department__isnull=False),
                name="territory_of_one",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Share(models.Model):
    """A customer shown to somebody outside its scope. Hangs on a record, so merging and unmerging take it along."""

    record_id = models.UUIDField(db_index=True)
    user = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="shares")
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE)
    department = models.ForeignKey(Department, null=True, on_delete=models.CASCADE)
    reason = models.TextField()
    shared_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True, department__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False, department__isnull=True)
                | models.Q(user__isnull=True, team__isnull=True, department__isnull=False),
                name="share_with_one",
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id} with {self.user_id or self.team_id or self.department_id}"


class SetUpLink(models.Model):
    """The one-time door of an installation that nobody can sign in to yet: kept as a hash."""

    secret_hash = models.BinaryField()
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"until {self.expires_at:%Y-%m-%d %H:%M}"


class ApiToken(models.Model):
    """A scoped key of one user for machines: shown once, kept as a hash."""

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField()
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    scopes = ArrayField(models.CharField(max_length=60), default=list)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class AuditEntry(models.Model):
    """One changed row, or one act without one (login, export, reveal). Written by triggers; never changed."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    action = models.CharField(max_length=60)
    table_name = models.CharField(max_length=63, blank=True, default="")
    row_id = models.CharField(max_length=64, blank=True, default="")
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=120, blank=True, default="")
    reason = models.TextField(blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    address = models.CharField(max_length=45, blank=True, default="")
    chain_no = models.BigIntegerField(null=True, unique=True)
    chain_hash = models.BinaryField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["table_name", "row_id", "-id"], name="audit_of_row"),
            models.Index(fields=["-at"], name="audit_newest"),
            models.Index(fields=["actor_id", "-id"], name="audit_of_actor"),
            models.Index(fields=["request_id"], name="audit_of_request", condition=~models.Q(request_id="")),
            models.Index(fields=["id"], name="audit_unchained", condition=models.Q(chain_no__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.table_name} {self.row_id}".strip()


class RateCount(models.Model):
    """How often one person did one thing in the current window of time."""

    key = models.CharField(max_length=120, primary_key=True)
    period = models.BigIntegerField()
    count = models.IntegerField()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
