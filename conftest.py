"""The whole suite's plugins: a real PostgreSQL, and no network beyond this machine."""

import os
import sys

from hypothesis import settings

# Where the environment forbids bytecode, each of the many processes that tests start would compile all of Kehu anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

pytest_plugins = ["tests.plugins.database", "tests.plugins.loopback_only", "tests.plugins.browser_needed"]

# Machines are busy and noisy: how long an example takes says nothing about what it shows.
settings.register_profile("kehu", deadline=None)
settings.load_profile("kehu")
