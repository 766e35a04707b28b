"""The mutants are still mutants of the code that there is; `make mutants` tries them."""

from pathlib import Path

import pytest

from tests.chaos.vocabulary import Scenario
from tests.mutants.mutants import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_passage_stands_in_the_code_once(mutant: Mutant) -> None:
    assert (ROOT / mutant.path).read_text().count(mutant.passage) == 1


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_what_is_to_notice_it_is_there(mutant: Mutant) -> None:
    if isinstance(mutant.by, Scenario):
        return
    for node in mutant.by:
        path, _, name = node.partition("::")
        assert f"def {name}" in (ROOT / path).read_text()
