"""What can be wrong with a set of rules, told to the person who saves it."""

from kehu.clean.rules.judging import RuleProblem
from kehu.core.errors import InvalidInput


class RulesRefused(InvalidInput):
    """Rules that cannot work as they are: which part of which rule, and what would be right."""

    def __init__(self, problems: tuple[RuleProblem, ...], message: str) -> None:
        super().__init__("rules", message)
        self.args = (problems, message)
        self.problems = problems
