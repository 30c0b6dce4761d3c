"""A recipe of CONTRIBUTING.md, followed word by word, adds a search or a backend that keeps its contract."""

import pytest

from c5snn.sweeps.search import Search
from tests.contributing.recipes import module
from tests.sweeps.conftest import group_members  # noqa: F401  # a fixture of the contract
from tests.sweeps.test_executor import ExecutorContract, ledger  # noqa: F401  # a fixture of the contract
from tests.sweeps.test_search import SearchContract, job


class TestListSearch(SearchContract):
    search_class = Search  # the recipe's own is made when a test asks for it

    @pytest.fixture(scope="class", autouse=True)
    @classmethod
    def _recipe(cls, tmp_path_factory):
        cls.search_class = module("Add a search", "list_search", tmp_path_factory.mktemp("recipe")).ListSearch

    @classmethod
    def make(cls):
        return cls.search_class([job(decay) for decay in (0.1, 0.3, 0.5, 0.7)])


@pytest.mark.slow
class TestProcessBackend(ExecutorContract):
    @pytest.fixture(autouse=True)
    def _recipe(self, workdir, monkeypatch):
        monkeypatch.syspath_prepend(str(workdir))
        type(self).backend_class = module("Add a backend", "processes", workdir).ProcessBackend
