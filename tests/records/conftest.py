"""The records that tests of records and of reports share."""

from tests.records.written import events, make_module_run, make_run, network, rankings_of

__all__ = ["events", "make_module_run", "make_run", "network", "rankings_of"]
