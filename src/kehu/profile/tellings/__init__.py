"""How what happened is told in words: a table by the name of the event, which rooms and plugins add to.

from kehu.profile.tellings import Telling, register      in a room's AppConfig.ready
register("Lesson Booked", Telling("calendar", _("Booked a lesson"), about=("course",)))
"""

from kehu.profile.tellings.sentences import Told, tell, tell_flood
from kehu.profile.tellings.shipped import SHIPPED
from kehu.profile.tellings.telling import Telling, may_fold, names_called, register, telling_of

for _names, _telling in SHIPPED:
    register(*_names, telling=_telling)

__all__ = ["Telling", "Told", "may_fold", "names_called", "register", "tell", "tell_flood", "telling_of"]
