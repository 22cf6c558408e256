"""The whole suite's plugins: a real PostgreSQL, and no network beyond this machine."""

from hypothesis import settings

pytest_plugins = ["tests.plugins.database", "tests.plugins.loopback_only", "tests.plugins.browser_needed"]

# Machines are busy and noisy: how long an example takes says nothing about what it shows.
settings.register_profile("kehu", deadline=None)
settings.load_profile("kehu")
