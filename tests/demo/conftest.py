"""One generated company for all tests of this folder: big enough for rates to show, small enough to be quick."""

from datetime import date
from pathlib import Path

import pytest

from kehu.demo.generator import CompanyFiles, generate_company

TODAY = date(2026, 3, 1)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> CompanyFiles:
    return generate_company(4000, 7, Path(tmp_path_factory.mktemp("company")), TODAY)
