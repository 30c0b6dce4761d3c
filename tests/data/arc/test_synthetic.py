"""Synthetic tasks keep the rules of ARC, are the same in every process, and follow the rules of their families."""

import numpy as np
import pytest
import torch

from c5snn.data import ArcDataModule
from c5snn.data.arc.arc_task import CATEGORIES
from c5snn.data.arc.rules import FAMILIES
from c5snn.data.arc.rules.layout import enlarge, mirror_beside, rotate
from c5snn.data.arc.rules.structure import keep_largest, settle
from c5snn.data.arc.synthetic import SHARES, _on_canvas, _strewn, synthesize_tasks
from c5snn.models import GridFeatures

EACH_RULE = [(category, rule) for category, rules in FAMILIES.items() for rule in rules]
NAMES = [f"{category}-{rule.__name__}" for category, rule in EACH_RULE]


@pytest.fixture(scope="module")
def tasks():
    return synthesize_tasks(12, data_seed=1)


def drawn(rule, n=20):
    random = np.random.default_rng(3)
    for _ in range(n):
        yield rule(random)(random)


def test_every_category_has_a_family_of_several_rules():
    assert tuple(FAMILIES) == CATEGORIES
    assert min(map(len, FAMILIES.values())) >= 3


@pytest.mark.parametrize(("category", "rule"), EACH_RULE, ids=NAMES)
def test_a_rule_draws_grids_of_colours_with_sides_from_3_to_12(category, rule):
    assert category in CATEGORIES
    for pair in drawn(rule):
        for grid in pair:
            assert grid.dtype == np.uint8
            assert grid.max() <= 9
            assert min(grid.shape) >= 3
            assert max(grid.shape) <= 12


@pytest.mark.slow
def test_every_task_has_three_demonstrations_or_more_in_which_something_changes(tasks):
    for task in tasks:
        assert len(task.pairs) >= 3
        assert 9 <= task.height <= 12
        assert 9 <= task.width <= 12
        assert all(pair.input.shape == pair.output.shape for pair in task.pairs)
        assert not any(np.array_equal(*pair) for pair in task.pairs)


def test_as_many_cells_appear_vanish_change_colour_and_stay_in_every_category(tasks):
    for task in tasks:
        for before, after in task.pairs:
            is_same = before == after
            counts = [
                ((before == 0) & (after > 0)).sum(),
                ((before > 0) & (after == 0)).sum(),
                ((before > 0) & (after > 0) & ~is_same).sum(),
                ((before > 0) & is_same).sum(),
            ]
            assert counts == [round(share * before.size) for share in SHARES]


def test_what_the_rule_has_drawn_is_not_strewn_over():
    random = np.random.default_rng(5)
    for rule in (enlarge, rotate, settle):
        pair = _on_canvas(rule(random)(random), (12, 12), random)
        strewn = _strewn(pair, [1, 2, 3, 4], random)
        is_drawn = (pair.input > 0) | (pair.output > 0)
        for before, after in zip(pair, strewn, strict=True):
            assert np.array_equal(before[is_drawn], after[is_drawn])
        assert ((strewn.input != pair.input) | (strewn.output != pair.output)).sum() == 1 + 2 + 3 + 4


@pytest.mark.slow
def test_the_hand_made_features_see_next_to_nothing_of_the_category():
    data = ArcDataModule(n_per_category=20)
    data.setup("fit")
    features = GridFeatures()
    features.fit_directly(data)
    with torch.no_grad():
        answers = torch.cat([features(pairs).argmax(1) for pairs in data.pairs_of(data.items("val"))])
    assert (answers.numpy() == data.targets("val")).mean() < 0.45


def test_no_two_tasks_are_equal(tasks):
    assert len({task.content for task in tasks}) == len(tasks) == 108


def test_a_task_stays_the_same_when_others_are_added(tasks):
    of_name = {task.name: task.content for task in tasks}
    assert all(of_name[task.name] == task.content for task in synthesize_tasks(3, data_seed=1))


def test_another_seed_is_another_draw(tasks):
    contents = {task.content for task in tasks}
    assert not contents & {task.content for task in synthesize_tasks(3, data_seed=2)}


def test_rules_do_what_they_are_named_after():
    for pair in drawn(rotate):
        assert any(np.array_equal(np.rot90(pair.input, turns), pair.output) for turns in (1, 2, 3))
    for pair in drawn(enlarge):
        factor = len(pair.output) // len(pair.input)
        assert np.array_equal(pair.output[::factor, ::factor], pair.input)
        assert pair.output.size == pair.input.size * factor**2
    for pair in drawn(mirror_beside):
        assert pair.output.size == 2 * pair.input.size
        assert np.array_equal(np.flipud(pair.output), pair.output) or np.array_equal(
            np.fliplr(pair.output), pair.output
        )
    for pair in drawn(keep_largest):
        assert 0 < (pair.output > 0).sum() <= (pair.input > 0).sum()
        assert not ((pair.output > 0) & (pair.input == 0)).any()
    for pair in drawn(settle):
        assert np.array_equal(np.bincount(pair.input.ravel()), np.bincount(pair.output.ravel()))
