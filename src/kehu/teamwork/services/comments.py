"""Comments on a customer, and calling colleagues by @."""

from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern import audit
from kehu.govern.access import Actor
from kehu.profile.queries import founding_record
from kehu.teamwork.access import colleague, customer_among_colleagues
from kehu.teamwork.errors import NotYourComment
from kehu.teamwork.mentions import keep_mentions, mentioned_in
from kehu.teamwork.models import Comment, Notification
from kehu.teamwork.queries.comments import customer_of_comment
from kehu.teamwork.queries.people import handles, names_of_unseeing
from kehu.teamwork.services.notifications import notify_of_mention

LONGEST: Final = 4_000
MOST_MENTIONED: Final = 20


@transaction.atomic
def add_comment(customer_id: UUID, text: str, *, actor: Actor) -> int:
    """Say something about a customer; whoever is called by @ is told. Returns the comment's id.

    Raises InvalidInput for an empty text, or when it calls somebody who may not see the customer.
    """
    customer = customer_among_colleagues(actor, customer_id)
    kept = _checked(text, customer)
    audit.act_as(actor, "add comment")
    comment = Comment.objects.create(record_id=founding_record(customer), author_id=colleague(actor), text=kept)
    notify_of_mention(comment, mentioned_in(kept))
    return int(comment.pk)


@transaction.atomic
def edit_comment(comment_id: int, text: str, *, actor: Actor, version: int) -> None:
    """One's own only. Who is called now and was not before is told. Raises NotYourComment, VersionConflict."""
    comment, customer = _own(comment_id, actor)
    if comment.version != version:
        raise VersionConflict("comment", comment_id, version, comment.version)
    kept = _checked(text, customer)
    if kept == comment.text:
        return
    audit.act_as(actor, "edit comment")
    comment.text, comment.version, comment.edited_at = kept, version + 1, timezone.now()
    comment.save(update_fields=["text", "version", "edited_at"])
    notify_of_mention(comment, mentioned_in(kept))


@transaction.atomic
def delete_comment(comment_id: int, *, actor: Actor) -> UUID:
    """One's own only; nobody is pointed to it any more. Returns whose comment it was."""
    comment, customer = _own(comment_id, actor)
    audit.act_as(actor, "delete comment")
    Notification.objects.filter(comment_id=comment_id).delete()
    comment.delete()
    return customer


def _own(comment_id: int, actor: Actor) -> tuple[Comment, UUID]:
    customer = customer_of_comment(actor, comment_id)
    comment = Comment.objects.select_for_update().filter(pk=comment_id).first()
    if comment is None:
        raise NotFound("comment", comment_id)
    if comment.author_id != actor.user_id:
        raise NotYourComment(comment_id)
    return comment, customer


def _checked(text: str, customer: UUID) -> str:
    """The text as it is kept."""
    typed = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not typed:
        raise InvalidInput("text", _("write something."))
    if len(typed) > LONGEST:
        raise InvalidInput("text", _("at most %(n)d characters.") % {"n": LONGEST})
    kept = keep_mentions(typed, handles())
    mentioned = mentioned_in(kept)
    if len(mentioned) > MOST_MENTIONED:
        raise InvalidInput("text", _("call at most %(n)d people at once.") % {"n": MOST_MENTIONED})
    if unseeing := names_of_unseeing(mentioned, customer):
        told = _("%(names)s may not see this customer: share it with them first, or leave them out.")
        raise InvalidInput("text", told % {"names": "、".join(unseeing)})
    return kept
