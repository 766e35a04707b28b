import gc
import importlib

import pytest

from runtime import loading


def test_the_garbage_collector_rests_while_a_server_loads_and_no_longer() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_after_an_import_that_fails() -> None:
    with pytest.raises(ModuleNotFoundError), loading():
        importlib.import_module("no_such_module")
    assert gc.isenabled()
