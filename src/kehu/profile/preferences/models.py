"""What customers like (derived, in `live`)."""

from django.db import models
from django.db.models.functions import Lower


class Preference(models.Model):
    """One thing a customer goes for, with its evidence. place 1 is kept even where it is not clear: it expires too."""

    pk = models.CompositePrimaryKey("customer_id", "kind", "place")
    customer_id = models.UUIDField()
    kind = models.CharField(max_length=7)
    place = models.SmallIntegerField()
    value = models.TextField(db_collation="C")
    # of all that speaks for anything of this kind, 0 to 1
    share = models.DecimalField(max_digits=5, decimal_places=4)
    facts = models.IntegerField()
    # what was done → how often
    evidence = models.JSONField()
    last_at = models.DateTimeField()
    is_clear = models.BooleanField()
    # when the first fact of its kind leaves the window
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "profile_preference"
        indexes = [
            models.Index("kind", Lower("value"), name="preference_by_value", condition=models.Q(is_clear=True)),
            models.Index(fields=["expires_at"], name="preference_by_expiry"),
        ]
