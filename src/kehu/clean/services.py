"""Saving the cleaning rules: every save is a new version of the whole set, and the highest is in force."""

from collections.abc import Callable

import msgspec
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kehu.clean.errors import RulesRefused
from kehu.clean.models import RuleSetVersion
from kehu.clean.queries import stored_rules
from kehu.clean.rule_wording import told
from kehu.clean.rules.compiled import BadRules, compile_rules
from kehu.clean.rules.rule import NotARuleFile, Rule, RuleSet, read_rules, write_rules
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern import audit
from kehu.govern.access import Actor, require

MAX_NOTE = 2000


def save_rules(rules: RuleSet, *, base_version: int, actor: Actor, note: str = "") -> int:
    """Put the set in force; its version. The road takes it up within seconds, for what comes in from then on.

    base_version: the one the person saw. Raises RulesRefused, VersionConflict, PermissionDenied.
    """
    return _save(lambda current: rules, base_version=base_version, actor=actor, note=note)


def put_rule(rule: Rule, *, base_version: int, actor: Actor, note: str = "") -> int:
    """Change the rule with this key, or add it at the end."""
    return _save(lambda current: current.with_rule(rule), base_version=base_version, actor=actor, note=note)


def remove_rule(key: str, *, base_version: int, actor: Actor, note: str = "") -> int:
    return _save(lambda current: _with(current, key).without(key), base_version=base_version, actor=actor, note=note)


def switch_rule(key: str, *, is_on: bool, base_version: int, actor: Actor, note: str = "") -> int:
    return _save(
        lambda current: _with(current, key).switched(key, is_on=is_on),
        base_version=base_version,
        actor=actor,
        note=note,
    )


def move_rule(key: str, *, places: int, base_version: int, actor: Actor, note: str = "") -> int:
    """Let it run so many places later, or earlier when negative."""
    return _save(
        lambda current: _with(current, key).moved(key, places), base_version=base_version, actor=actor, note=note
    )


def import_rules(data: bytes, *, base_version: int, actor: Actor, note: str = "") -> int:
    """Put the set of a file in force, in the place of what there is."""
    return save_rules(rules_of_file(data), base_version=base_version, actor=actor, note=note)


def restore_rules(version: int, *, base_version: int, actor: Actor, note: str = "") -> int:
    """Put an earlier version in force again, as a new one."""
    require(actor, "profile.manage")
    earlier = RuleSetVersion.objects.filter(pk=version).first()
    if earlier is None:
        raise NotFound("version of the rules", version)
    rules = stored_rules(earlier.rules)
    return save_rules(rules, base_version=base_version, actor=actor, note=note or _("version %d again") % version)


def rules_of_file(data: bytes) -> RuleSet:
    """Raises InvalidInput with the place in the file."""
    try:
        return read_rules(data)
    except NotARuleFile as error:
        raise InvalidInput("file", _("this is no file of rules: %(why)s") % {"why": str(error)[:300]}) from error


def check_rules(rules: RuleSet) -> None:
    """Raises RulesRefused with everything that is wrong."""
    try:
        compile_rules(rules)
    except BadRules as error:
        raise RulesRefused(error.problems, told(error.problems)) from error


def _save(change: Callable[[RuleSet], RuleSet], *, base_version: int, actor: Actor, note: str) -> int:
    require(actor, "profile.manage")
    latest = RuleSetVersion.objects.order_by("-version").first()
    current = latest.version if latest else 0
    if current != base_version:
        raise VersionConflict("rule set", "", base_version, current)
    before = stored_rules(latest.rules) if latest else RuleSet()
    rules = change(before)
    if rules == before:
        return current
    check_rules(rules)
    if len(note) > MAX_NOTE:
        raise InvalidInput("note", _("at most %d characters.") % MAX_NOTE)
    try:
        with transaction.atomic():
            audit.act_as(actor, note)
            RuleSetVersion.objects.create(
                version=current + 1,
                rules=msgspec.json.decode(write_rules(rules)),
                note=note.strip(),
                author_id=actor.user_id,
            )
    except IntegrityError as error:  # somebody saved between the look and this
        raise VersionConflict("rule set", "", base_version, current + 1) from error
    return current + 1


def _with(rules: RuleSet, key: str) -> RuleSet:
    if rules.rule(key) is None:
        raise NotFound("rule", key[:50])
    return rules
