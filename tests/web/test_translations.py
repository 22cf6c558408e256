"""Chinese is complete: no text of the web room stands untranslated."""

import re
from pathlib import Path

from babel.messages.pofile import read_po

CATALOGUE = Path(__file__).parents[2] / "src" / "kehu" / "web" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


def test_every_text_has_its_chinese() -> None:
    with CATALOGUE.open("rb") as file:
        messages = [message for message in read_po(file, locale="zh_Hans") if message.id]
    assert len(messages) > 400
    empty = [message.id for message in messages if not message.string or message.string == ("",)]
    assert empty == []
    assert [message.id for message in messages if message.fuzzy] == []


def test_the_catalogue_knows_every_text_of_the_templates() -> None:
    """What `{% translate %}` names in the templates is in the catalogue: nobody forgot to extract."""

    with CATALOGUE.open("rb") as file:
        known = {m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file, locale="zh_Hans") if m.id}
    folder = CATALOGUE.parents[3] / "templates"
    pattern = re.compile(r"""\{% translate (?:"([^"]+)"|'([^']+)')""")
    asked = {a or b for template in folder.rglob("*.html") for a, b in pattern.findall(template.read_text())}
    assert asked - known == set()
