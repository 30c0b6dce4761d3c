"""Heads, and centroids in the coordinates of their own span."""

import pytest
import torch

from c5snn.errors import ConfigError
from c5snn.nn import HeadOptions, category_head, reduced_centroids


def head_of(name, centroids=None, **options):
    return category_head(5, 9, HeadOptions(name, **options), centroids)


@pytest.mark.parametrize("n_features", [2, 9, 40])
def test_reduced_centroids_keep_all_dot_products_in_at_most_nine_coordinates(n_features):
    centroids = torch.randn(9, n_features, dtype=torch.float64)
    reduced = reduced_centroids(centroids)
    assert reduced.shape == (9, min(9, n_features))
    torch.testing.assert_close(reduced @ reduced.mT, centroids @ centroids.mT)


def test_reduced_centroids_do_not_depend_on_the_axes():
    centroids = torch.randn(9, 12, dtype=torch.float64)
    turned = centroids @ torch.linalg.qr(torch.randn(12, 12, dtype=torch.float64)).Q
    torch.testing.assert_close(reduced_centroids(turned), reduced_centroids(centroids))


@pytest.mark.parametrize("name", ["prototype", "centroid"])
def test_a_cosine_ignores_the_length_of_the_embedding_and_a_dot_product_does_not(name):
    centroids = torch.randn(9, 6) if name == "centroid" else None
    z = torch.randn(4, 5)
    cosine, dot = (head_of(name, centroids, use_cosine=use) for use in (True, False))
    torch.testing.assert_close(cosine(3 * z), cosine(z))
    torch.testing.assert_close(dot(3 * z), 3 * dot(z))


def test_the_temperature_scales_a_cosine_and_no_logit_exceeds_it():
    z, (cold, warm) = torch.randn(4, 5), (head_of("prototype", use_cosine=True, temperature=t) for t in (2.0, 6.0))
    warm.load_state_dict(cold.state_dict())
    torch.testing.assert_close(warm(z), 3 * cold(z))
    assert cold(z).abs().max() <= 2.0


def test_centroids_are_fixed_and_their_projection_is_learned():
    head = head_of("centroid", torch.randn(9, 6))
    assert [name for name, _ in head.named_parameters()] == ["prototypes.projection.weight"]
    assert "prototypes.centroids" in head.state_dict()


def test_equal_centroids_get_equal_logits():
    head = head_of("centroid", torch.randn(1, 6).expand(9, -1).contiguous())
    logits = head(torch.randn(4, 5))
    torch.testing.assert_close(logits, logits[:, :1].expand(-1, 9))


@pytest.mark.parametrize(
    ("name", "centroids", "rule"),
    [("centroid", None, "centroids"), ("linear", (9, 3), "centroids"), ("centroid", (8, 3), "one centroid a category")],
)
def test_centroids_that_do_not_fit_are_refused(name, centroids, rule):
    with pytest.raises(ConfigError, match=rule):
        head_of(name, None if centroids is None else torch.randn(centroids))


def test_a_temperature_of_0_is_refused():
    with pytest.raises(ConfigError, match="temperature > 0"):
        HeadOptions("prototype", temperature=0.0)


def test_what_cannot_act_is_no_effective_argument():
    plain = HeadOptions("linear").effective_arguments()
    assert HeadOptions("linear", use_cosine=True, temperature=3.0).effective_arguments() == plain
    assert HeadOptions(temperature=3.0).effective_arguments() == HeadOptions().effective_arguments()
