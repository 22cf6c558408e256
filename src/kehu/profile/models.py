"""Customers and what happened with them. Derived tables live in the schema `live` and are made anew by a rebuild."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now


class Customer(models.Model):
    """A golden record: attributes chosen by survivorship, each with where it came from (derived)."""

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(max_length=12)
    display_name = models.TextField(blank=True, default="")
    sort_key = models.TextField(blank=True, default="", db_collation="C")
    # attribute -> survivorship.Golden
    golden = models.JSONField(default=dict)
    is_anonymous = models.BooleanField(default=False)
    record_count = models.IntegerField(default=0)
    owner_id = models.BigIntegerField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    version = models.IntegerField(default=1)
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "profile_customer"
        indexes = [
            # Lists show known customers only, and visitors may be nine of ten.
            models.Index(fields=["sort_key", "id"], name="customer_by_name", condition=models.Q(is_anonymous=False)),
            models.Index(
                fields=["-updated_at", "id"], name="customer_by_change", condition=models.Q(is_anonymous=False)
            ),
            models.Index(fields=["owner_id"], name="customer_by_owner"),
            # "city=上海": whatever attribute a list is filtered by, custom ones among them
            GinIndex(models.Func("golden", function="kehu_golden_terms"), name="customer_by_value"),
        ]


class CustomerScope(models.Model):
    """Departments in whose scope a customer lies; 0 = shared with the whole company (derived)."""

    pk = models.CompositePrimaryKey("customer_id", "department_id")
    customer_id = models.UUIDField()
    department_id = models.BigIntegerField()

    class Meta:
        db_table = "profile_customerscope"
        indexes = [models.Index(fields=["department_id", "customer_id"], name="scope_by_department")]


class CustomerToken(models.Model):
    """A word under which a customer is found (derived).

    The key is Django's idea of it; the table has no index but the ranked one. What a customer is found under is read
    from its search row.
    """

    pk = models.CompositePrimaryKey("customer_id", "token")
    customer_id = models.UUIDField()
    token = models.TextField(db_collation="C")
    rank = models.SmallIntegerField()

    class Meta:
        db_table = "profile_customertoken"
        indexes = [models.Index(fields=["token", "-rank", "customer_id"], name="token_ranked")]


class SearchRow(models.Model):
    """All tokens of a customer in one row, sorted, and the rank of each (derived)."""

    customer_id = models.UUIDField(primary_key=True)
    tokens = ArrayField(models.TextField(db_collation="C"))
    ranks = ArrayField(models.SmallIntegerField(), default=list)

    class Meta:
        db_table = "profile_searchrow"
        indexes = [GinIndex(fields=["tokens"], name="search_conjunction")]


class Event(models.Model):
    """Something that happened, on the source record it arrived with (derived)."""

    id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField(null=True)
    device_record_id = models.UUIDField(null=True)
    order_id = models.UUIDField(null=True)
    source_id = models.IntegerField()
    name = models.TextField()
    kind = models.CharField(max_length=12)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField()
    properties = models.JSONField(default=dict)
    # how it found its record: by its own id, by the device (shared ones change hands), by the order it speaks of
    hangs_by = models.CharField(max_length=6, default="record")

    class Meta:
        db_table = "profile_event"
        indexes = [
            models.Index(fields=["record_id", "-occurred_at"], name="event_of_record"),
            models.Index(
                fields=["device_record_id"],
                name="event_of_device",
                condition=models.Q(device_record_id__isnull=False),
            ),
            models.Index(fields=["order_id"], name="event_of_order", condition=models.Q(order_id__isnull=False)),
        ]


class Order(models.Model):
    """One order, however many systems report it. Identity = order namespace + number (derived)."""

    id = models.UUIDField(primary_key=True)
    namespace = models.CharField(max_length=40)
    number = models.TextField()
    record_id = models.UUIDField(null=True)
    organisation_record_id = models.UUIDField(null=True)
    status = models.CharField(max_length=30)
    placed_at = models.DateTimeField(null=True)
    currency = models.CharField(max_length=3)
    total = models.DecimalField(max_digits=19, decimal_places=4)
    paid = models.DecimalField(max_digits=19, decimal_places=4)
    refunded = models.DecimalField(max_digits=19, decimal_places=4)
    # field -> source id whose report won
    lineage = models.JSONField(default=dict)

    class Meta:
        db_table = "profile_order"
        indexes = [
            models.Index(fields=["record_id", "-placed_at"], name="order_of_record"),
            models.Index(fields=["organisation_record_id"], name="order_of_organisation"),
            models.Index(fields=["number"], name="order_by_number"),
        ]


class OrderReport(models.Model):
    """What one source says of an order, latest per field (derived): lines, payments and refunds included, keyed."""

    pk = models.CompositePrimaryKey("order_id", "source_id")
    order_id = models.UUIDField()
    source_id = models.IntegerField()
    # field -> {"v": value, "at": time}; "lines"/"payments"/"refunds" -> {key: {...,"at": time}}
    fields = models.JSONField(default=dict)

    class Meta:
        db_table = "profile_orderreport"


class OrderLine(models.Model):
    pk = models.CompositePrimaryKey("order_id", "key")
    order_id = models.UUIDField()
    key = models.CharField(max_length=80)
    sku = models.TextField(blank=True, default="")
    name = models.TextField(blank=True, default="")
    quantity = models.DecimalField(max_digits=19, decimal_places=4)
    unit_price = models.DecimalField(max_digits=19, decimal_places=4)
    amount = models.DecimalField(max_digits=19, decimal_places=4)

    class Meta:
        db_table = "profile_orderline"


class Payment(models.Model):
    """Money that came in for an order, or (kind = refund) went back (derived)."""

    pk = models.CompositePrimaryKey("order_id", "kind", "key")
    order_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=80)
    method = models.CharField(max_length=40, blank=True, default="")
    amount = models.DecimalField(max_digits=19, decimal_places=4)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "profile_payment"


class Consent(models.Model):
    """A yes or a no of a person for a purpose by a channel, as one source reported it (derived)."""

    id = models.UUIDField(primary_key=True)
    record_id = models.UUIDField(db_index=True)
    source_id = models.IntegerField()
    purpose = models.CharField(max_length=40)
    channel = models.CharField(max_length=40)
    state = models.CharField(max_length=10)
    occurred_at = models.DateTimeField()
    proof = models.JSONField(default=dict)

    class Meta:
        db_table = "profile_consent"


class Relation(models.Model):
    """A tie that relates two records without making them one customer (derived).

    basis: `told` by the source of the left record, or `found` by comparing the two. is_denied: said never to have been.
    """

    pk = models.CompositePrimaryKey("left_id", "right_id", "kind", "basis")
    left_id = models.UUIDField()
    right_id = models.UUIDField()
    kind = models.CharField(max_length=20)
    basis = models.CharField(max_length=5)
    # null = found
    source_id = models.IntegerField(null=True)
    said_at = models.DateTimeField(null=True)
    role = models.TextField(blank=True, default="")
    since_on = models.DateField(null=True)
    until_on = models.DateField(null=True)
    is_denied = models.BooleanField(default=False)
    # of a found one: the evidence
    detail = models.JSONField(default=dict)

    class Meta:
        db_table = "profile_relation"
        indexes = [models.Index(fields=["right_id"], name="relation_by_right")]


class OrganisationKey(models.Model):
    """What an organisation's record may share with a related one's: name core, domain, phone, licence (derived)."""

    pk = models.CompositePrimaryKey("record_id", "kind", "value")
    record_id = models.UUIDField()
    kind = models.CharField(max_length=8)
    value = models.TextField(db_collation="C")

    class Meta:
        db_table = "profile_organisationkey"
        indexes = [models.Index(fields=["kind", "value"], name="organisation_by_key")]


class MessageSubject(models.Model):
    """Which message of the inbox speaks of which source record (derived): the way erasure finds raw data."""

    pk = models.CompositePrimaryKey("record_id", "shard", "seq")
    record_id = models.UUIDField()
    shard = models.SmallIntegerField()
    seq = models.BigIntegerField()

    class Meta:
        db_table = "profile_messagesubject"


class Pin(models.Model):
    """A value a person fixed as the golden one (kept). On the founding record, so it follows merge and unmerge."""

    record_id = models.UUIDField()
    attribute = models.CharField(max_length=50)
    value = models.JSONField()
    actor_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["record_id", "attribute"], name="pin_once")]


class Assignment(models.Model):
    """Who looks after a customer (kept). Hangs on the founding record."""

    record_id = models.UUIDField(primary_key=True)
    owner_id = models.BigIntegerField()
    assigned_at = models.DateTimeField(db_default=Now())


class MergeAct(models.Model):
    """A merge or an unmerge a person made (kept), with what it changed, so that it can be told and undone."""

    class Kind(models.TextChoices):
        MERGE = "merge"
        UNMERGE = "unmerge"

    kind = models.CharField(max_length=8, choices=Kind)
    survivor_id = models.UUIDField()
    absorbed_id = models.UUIDField()
    decision_id = models.BigIntegerField(null=True)
    # record id -> customer id, before and after, of every record of the two
    before = models.JSONField()
    after = models.JSONField()
    actor_id = models.BigIntegerField(null=True)
    reason = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    undone_by = models.ForeignKey("self", null=True, on_delete=models.SET_NULL)

    class Meta:
        indexes = [
            models.Index(fields=["survivor_id"], name="merge_of_survivor"),
            models.Index(fields=["absorbed_id"], name="merge_of_absorbed"),
        ]


class Rebuild(models.Model):
    """One new generation: built beside, compared, then swapped in or thrown away."""

    class State(models.TextChoices):
        BUILDING = "building"
        BUILT = "built"
        SWAPPED = "swapped"
        DISCARDED = "discarded"
        FAILED = "failed"

    schema = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    comparison = models.JSONField(default=dict)
    offsets = models.JSONField(default=dict)
    job = models.ForeignKey("core.Job", null=True, on_delete=models.SET_NULL)
    created_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    swapped_at = models.DateTimeField(null=True)


class SavedView(models.Model):
    """A list of customers somebody comes back to: its filter, order and columns (kept)."""

    class Audience(models.TextChoices):
        PRIVATE = "private"
        DEPARTMENT = "department"
        COMPANY = "company"

    name = models.CharField(max_length=80)
    owner_id = models.BigIntegerField()
    audience = models.CharField(max_length=10, choices=Audience, default=Audience.PRIVATE)
    # of the owner when it was shared: whose people see a view of the audience "department"
    department_id = models.BigIntegerField(null=True)
    # filters.tree.Group
    filter = models.JSONField(default=dict)
    sort = models.CharField(max_length=60, default="-changed")
    columns = ArrayField(models.CharField(max_length=60), default=list)
    version = models.IntegerField(default=1)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_id", "name"], name="view_once")]
        indexes = [models.Index(fields=["audience", "department_id"], name="view_by_audience")]


class BulkAct(models.Model):
    """One act on many customers (kept): who was chosen, what was done, and what it takes to undo it."""

    act = models.CharField(max_length=40)
    parameters = models.JSONField(default=dict)
    # the filter and the search that chose, for those who read it later
    selection = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="")
    actor_id = models.BigIntegerField(null=True)
    total = models.IntegerField()
    job = models.ForeignKey("core.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    undo_job = models.ForeignKey("core.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["actor_id", "-id"], name="bulk_act_of_actor")]


class BulkActRow(models.Model):
    """A customer of a bulk act (kept), by its founding record, so that merging in between loses nobody."""

    class State(models.TextChoices):
        WAITING = "waiting"
        DONE = "done"
        SKIPPED = "skipped"
        UNDONE = "undone"
        CHANGED_SINCE = "changed"

    id = models.BigAutoField(primary_key=True)
    bulk = models.ForeignKey(BulkAct, on_delete=models.CASCADE, related_name="rows")
    record_id = models.UUIDField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["bulk", "state", "id"], name="bulk_row_by_state")]


class Export(models.Model):
    """A list of customers written to a file (kept); the file itself is gone after a day.

    release: whether a second person must let it go, and what they said; decided_*: who, when and why.
    """

    class Release(models.TextChoices):
        FREE = "free"
        WAITING = "waiting"
        GRANTED = "granted"
        REFUSED = "refused"

    format = models.CharField(max_length=4)
    filter = models.JSONField(default=dict)
    query = models.CharField(max_length=200, blank=True, default="")
    sort = models.CharField(max_length=60)
    # the customers ticked on the list; None for everybody of it
    chosen = ArrayField(models.UUIDField(), null=True)
    columns = ArrayField(models.CharField(max_length=60))
    # what the file is for: only people who may be used for it stand in it
    purpose = models.CharField(max_length=40, db_default="service")
    actor_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=10, default="zh-hans")
    job = models.ForeignKey("core.Job", null=True, on_delete=models.SET_NULL, related_name="+")
    rows = models.IntegerField(null=True)
    file_key = models.CharField(max_length=100, blank=True, default="")
    size = models.BigIntegerField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")
    release = models.CharField(max_length=8, choices=Release, default=Release.FREE, db_default=Release.FREE)
    decided_by_id = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["actor_id", "-id"], name="export_of_actor")]


from kehu.profile.corrections import models as corrections  # noqa: E402, F401
from kehu.profile.figures import models as figures  # noqa: E402, F401  Django looks for a room's tables here
from kehu.profile.preferences import models as preferences  # noqa: E402, F401
from kehu.profile.screens import models as screens  # noqa: E402, F401
from kehu.profile.tags import models as tags  # noqa: E402, F401
