"""The pure modules know no Django: the same functions run in a page, a job, a notebook and a Spark worker."""

import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parent.parent / "src"

# The one list. A pattern names a package's modules; "!" takes one out again, with the reason in the comment.
PURE = (
    "kehu.core.errors",
    "kehu.core.expressions",
    "kehu.core.failpoints",
    "kehu.core.histograms",
    "kehu.core.ids",
    "kehu.core.strict_json",
    "kehu.clean.*",
    "!kehu.clean.apps",
    "!kehu.clean.models",
    "!kehu.clean.queries",
    "!kehu.clean.rules.store",
    "!kehu.clean.rule_wording",
    "!kehu.clean.services",
    "kehu.collect.answers",
    "kehu.collect.callers",
    "kehu.collect.client_settings",
    "kehu.collect.disk_space",
    "kehu.collect.inbox_rows",
    "kehu.collect.pixels",
    "kehu.collect.request_bodies",
    "kehu.collect.routes",
    "kehu.collect.segment_requests",
    "kehu.feed.changes",
    "kehu.feed.retrying",
    "kehu.feed.signing",
    "kehu.govern.consent.decision",
    "kehu.govern.consent.rule",
    "kehu.govern.consent.stop_words",
    "kehu.govern.privacy.traces",
    "kehu.govern.duties",
    "kehu.govern.field_access",
    "kehu.resolve",
    "kehu.resolve.*",
    "!kehu.resolve.apps",
    "!kehu.resolve.models",
    "!kehu.resolve.store*",  # the shell that acts on what the pure modules decide
    "!kehu.resolve.components",
    "!kehu.resolve.evidence",
    "!kehu.resolve.explanations",
    "!kehu.resolve.fan_out",
    "!kehu.resolve.forgetting",
    "!kehu.resolve.reviews",
    "!kehu.resolve.services",
    "!kehu.resolve.window",
    "kehu.profile.filters.operators",
    "kehu.profile.filters.tree",
    "kehu.profile.filters.values",
    "kehu.profile.highlighting",
    "kehu.profile.organisations.comparison",
    "kehu.profile.organisations.names",
    "kehu.profile.preferences.evidence",
    "kehu.profile.relations.combining",
    "kehu.profile.relations.kinds",
    "kehu.profile.screens.origins",
    "kehu.profile.search_tokens",
    "kehu.profile.search_variants",
    "kehu.profile.sql",
    "kehu.quality.checks",
    "kehu.quality.conditions",
    "kehu.teamwork.mentions",
    "kehu.demo.*",
    "!kehu.demo.road",  # sends the exports into an installation
    "!kehu.demo.road.*",
    "kehu.operate.*",
    "!kehu.operate.apps",
    "!kehu.operate.models",
    "!kehu.operate.measures",
    "!kehu.operate.tasks",
    "!kehu.operate.alerts.services",
    "!kehu.operate.alerts.telling",
    "!kehu.operate.alerts.watching",
)


def pure_modules() -> list[str]:
    """Every module the list names, found in the source tree."""
    found = []
    for path in sorted((SOURCE / "kehu").rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        if ".migrations" in name:
            continue
        wanted = False
        for pattern in PURE:
            if fnmatchcase(name, pattern.removeprefix("!")):
                wanted = not pattern.startswith("!")
        if wanted:
            found.append(name)
    return found


def test_the_pure_modules_import_without_django() -> None:
    program = (
        "import importlib, sys\n"
        "sys.modules['django'] = None  # importing it is an error from here on\n"
        "for name in sys.argv[1:]:\n"
        "    try:\n"
        "        importlib.import_module(name)\n"
        "    except ImportError as error:\n"
        "        print(name + ': ' + str(error))\n"
    )
    done = subprocess.run([sys.executable, "-c", program, *pure_modules()], capture_output=True, text=True)
    assert done.stdout.splitlines() == [], done.stderr


@pytest.mark.parametrize("module", ["kehu.clean.person_names", "kehu.resolve.scoring", "kehu.operate.supervisor"])
def test_the_list_still_finds_what_it_is_for(module: str) -> None:
    assert module in pure_modules()


def test_the_command_answers_without_loading_django_or_the_matcher() -> None:
    program = "import sys, kehu.cli.main; print(*{'django', 'polars', 'numba', 'psycopg', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
