"""What keeps a demo or a measurement from running, told so that it can be mended."""

from pathlib import Path

from kehu.core.errors import DomainError


class FolderHoldsSomethingElse(DomainError):
    code = "not_empty"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder

    def __str__(self) -> str:
        return f"{self.folder} is not empty and holds no finished demo: choose another --data-dir, or delete it."


class AnotherDemo(DomainError):
    code = "another_demo"

    def __init__(self, folder: Path, people: int, seed: int) -> None:
        super().__init__(folder, people, seed)
        self.folder, self.people, self.seed = folder, people, seed

    def __str__(self) -> str:
        return (
            f"{self.folder} holds a demo of {self.people} people with seed {self.seed}: "
            "choose another --data-dir, or delete it."
        )


class InstallationDidNotStart(DomainError):
    code = "not_started"

    def __str__(self) -> str:
        return "`kehu up` ended before it served: what it said stands above."


class TooFewCustomers(DomainError):
    code = "too_few_customers"

    def __init__(self, folder: Path, found: int, wanted: int) -> None:
        super().__init__(folder, found, wanted)
        self.folder, self.found, self.wanted = folder, found, wanted

    def __str__(self) -> str:
        return f"{self.folder} has {self.found} customers, not {self.wanted}: choose another --data-dir, or delete it."
