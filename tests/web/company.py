"""`python -m tests.web.company`: the small company of the page tests, in the database the environment names."""

import django

django.setup()

from tests.web.cast import build_company  # noqa: E402  (models need Django set up)

if __name__ == "__main__":
    build_company()
