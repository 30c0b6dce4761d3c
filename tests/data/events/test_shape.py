import pytest

from c5snn.data.events.shape import EventShape
from c5snn.errors import ConfigError


@pytest.mark.parametrize(("n_parts", "n_active"), [(5, 5), (5, 6), (5, 0), (0, 0), (-1, -2)])
def test_an_event_must_hold_some_but_not_all_parts(n_parts, n_active):
    with pytest.raises(ConfigError, match=f"got n_active={n_active}, n_parts={n_parts}"):
        EventShape(n_parts, n_active)
