"""Forgotten passwords: a link by e-mail, good once and for an hour. Known and unknown accounts hear the same.

The request only queues a job, whoever asks: nothing of how long it takes or what it answers tells of an account. What
is sent starts with KEHU_PUBLIC_URL, never with a host a request named. A second factor is asked for all the same.
"""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.forms import EmailAwarePasswordResetTokenGenerator, ResetPasswordForm
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.http import HttpRequest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kehu.config import config
from kehu.core import jobs
from kehu.govern import audit
from kehu.govern.access import SYSTEM
from kehu.govern.models import User

logger = logging.getLogger(__name__)
KIND: Final = "govern.forgotten_password"
GOOD_FOR: Final = timedelta(hours=1)
NOBODY: Final = 0


class MailedKeys(EmailAwarePasswordResetTokenGenerator):  # type: ignore[misc]  # allauth has no types
    """Keys that are read like any other, and born so old that an hour is left of them."""

    def _now(self) -> datetime:
        return datetime.now() - timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT) + GOOD_FOR


class ForgottenForm(ResetPasswordForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sends_mail():
            self.fields["email"].help_text = lazy("This installation sends no mail: ask an administrator for a link.")

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        email: str = self.cleaned_data["email"]
        user = User.objects.filter(email=email, is_active=True).values_list("pk", flat=True).first()
        jobs.enqueue(KIND, {"user": user or NOBODY})
        return email


def sends_mail() -> bool:
    return bool(config.mail_url and config.public_url)


@jobs.job(KIND)
def send_link(context: jobs.JobContext) -> Mapping[str, Any]:
    user = User.objects.filter(pk=context.payload["user"], is_active=True).first()
    if user is None:
        return {}
    if not sends_mail():
        logger.warning("a password was forgotten, but KEHU_MAIL_URL or KEHU_PUBLIC_URL is not set")
        return {}
    key = MailedKeys().make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    with translation.override(user.language):
        text = _(
            "Somebody asked for a new password of your account. Within an hour, this link lets you choose one, once:"
            "\n\n%(link)s\n\nIf it was not you, do nothing: your password stays as it is."
        ) % {"link": config.public_url.rstrip("/") + path}
        send_mail(_("A new password for Kehu"), text, None, [user.email])
    audit.note(actor=SYSTEM, action="password link mailed", on=str(user.pk))
    return {}
