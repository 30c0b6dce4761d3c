"""What ranking metrics accept, what they refuse, and that precision and device change nothing."""

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.metrics import HitAtK, MeanReciprocalRank, RecallAtK


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_the_precision_of_the_scores_does_not_matter(metric, dtype, events, tied_scores):
    scores, targets = tied_scores(20), events(20)
    assert torch.equal(metric.per_window(scores.to(dtype), targets.to(dtype)), metric.per_window(scores, targets))


def test_float64_scores_that_differ_beyond_float32_are_no_tie():
    scores = torch.tensor([[1.0, 1.0 + 1e-12, 0.0, 0.0]], dtype=torch.float64)
    assert HitAtK(1, 4, 1).per_window(scores, torch.tensor([[0, 1, 0, 0]])).item() == 1


@pytest.mark.parametrize("fault", [float("nan"), float("inf"), -float("inf")])
def test_scores_that_are_not_finite_are_refused_and_stay_refused(metric, fault, events, tied_scores):
    scores, targets = tied_scores(4), events(4)
    scores[2, 5] = fault
    with pytest.raises(FloatingPointError, match="1 windows have NaN or infinite scores"):
        metric.per_window(scores, targets)
    with pytest.raises(FloatingPointError, match="1 windows"):
        metric.update(scores, targets)
    with pytest.raises(FloatingPointError, match="1 windows"):
        metric.compute()


@pytest.mark.parametrize("row", [[1, 1, 1, 0, 0, 0], [1, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0], [2, 1, 0, 0, 0, 0]])
def test_a_target_that_is_no_event_is_refused(metric, row):
    with pytest.raises(ConfigError, match="n_active"):
        metric.update(torch.zeros(1, 6), torch.tensor([row]))


@pytest.mark.parametrize(("scores", "targets"), [((4, 6), (3, 6)), ((4, 5), (4, 5)), ((6,), (6,)), ((4, 6), (6,))])
def test_shapes_that_do_not_fit_are_refused_with_both_shapes(metric, scores, targets):
    with pytest.raises(ConfigError, match=r"n_parts=6"):
        metric.update(torch.zeros(scores), torch.zeros(targets))


def test_no_window_has_no_mean(metric):
    metric.update(torch.zeros(0, 6), torch.zeros(0, 6))
    with pytest.raises(ConfigError, match="1 <= n_windows"):
        metric.compute()


@pytest.mark.parametrize("metric_class", [RecallAtK, HitAtK])
@pytest.mark.parametrize("k", [0, -1, 39, 40])
def test_a_list_that_leaves_no_part_out_is_refused(metric_class, k):
    with pytest.raises(ConfigError, match="1 <= k < n_parts"):
        metric_class(k)


def test_a_depth_is_needed_where_it_counts_and_refused_where_it_does_not():
    with pytest.raises(ConfigError, match="1 <= k < n_parts"):
        RecallAtK()
    with pytest.raises(ConfigError, match="k is None"):
        MeanReciprocalRank(20)


@pytest.mark.parametrize("n_active", [0, 39, 40])
def test_an_event_of_no_or_all_parts_is_refused(n_active, every_metric):
    with pytest.raises(ConfigError, match="1 <= n_active < n_parts"):
        every_metric(39, n_active)


def test_half_precision_of_the_model_leaves_the_sums_exact(metric, events, tied_scores):
    metric.half()
    metric.update(tied_scores(30), events(30))
    value = metric.compute()
    metric.reset()
    metric.float()
    metric.update(tied_scores(30), events(30))
    assert torch.equal(value, metric.compute())


@pytest.mark.gpu
def test_an_accelerator_gives_the_same_bits_and_reports_faults_at_the_end(metric, events, tied_scores):
    if not torch.cuda.is_available():
        pytest.skip("needs CUDA")
    scores, targets = tied_scores(30), events(30)
    metric.update(scores, targets)
    expected = metric.compute()
    metric.reset()
    on_device = metric.to("cuda")
    on_device.update(scores.cuda(), targets.cuda())
    assert torch.equal(on_device.compute().cpu(), expected)
    on_device.update(scores.cuda() * float("nan"), targets.cuda())
    with pytest.raises(FloatingPointError, match="30 windows"):
        on_device.compute()
    metric.to("cpu")
