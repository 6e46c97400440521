import pytest
import torch
from torch.nn.functional import normalize

from va_space.training.space import losses
from va_space.training.space.objective import DEFAULT_WEIGHTS, VASpaceObjective
from va_space.training.space.terms import TERMS, ObjectiveBatch, Term

SIGMA, N, Q = 0.4, 6, 3
ALL = {"consistency": 1.0, "votes": 1.0, "teacher": 1.0, "noisy_points": 1.0}
NAMES = list(DEFAULT_WEIGHTS)


@pytest.fixture
def batch():
    draw = torch.Generator().manual_seed(0)
    return {
        "pictures": normalize(torch.randn(N, 512, generator=draw)).requires_grad_(),
        "music": normalize(torch.randn(N, 512, generator=draw)).requires_grad_(),
        "va_pictures": torch.rand(N, 2, generator=draw),
        "va_music": torch.rand(N, 2, generator=draw),
        "predicted_va_pictures": torch.rand(N, 2, generator=draw).requires_grad_(),
        "predicted_va_music": torch.rand(N, 2, generator=draw).requires_grad_(),
        "predicted_similarity": torch.rand(N, N, generator=draw).requires_grad_(),
        "predicted_va_quadrant": torch.rand(Q, 2, generator=draw).requires_grad_(),
        "quadrants": torch.tensor([1, 2, 4]),
        "pictures_again": normalize(torch.randn(N, 512, generator=draw)).requires_grad_(),
        "predicted_votes": torch.randn(Q, 9, generator=draw).requires_grad_(),
        "votes": torch.rand(Q, 9, generator=draw),
        "predicted_va_taught": torch.rand(Q, 2, generator=draw).requires_grad_(),
        "taught_va": torch.rand(Q, 2, generator=draw),
        "noisy_va": torch.tensor([[0.2, torch.nan], [torch.nan, torch.nan], [0.5, 1.0]]),
    }


def test_terms_are_the_losses_and_total_is_their_weighted_sum(batch):
    weights = {name: 0.5 * (i + 1) for i, name in enumerate(NAMES)}
    options = {"margin": 0.3, "sign": "printed", "weighting": "none", "floor": 1e-2, "quadrant_margin": 0.1}
    terms = VASpaceObjective(SIGMA, weights, **options)(ObjectiveBatch(**batch))
    pairs = [batch[name] for name in ("pictures", "music", "va_pictures", "va_music")]
    expected = {
        "cfr": losses.cross_modal_feature_ratio(*pairs, SIGMA, "printed", 1e-2),
        "cfm": losses.cross_modal_feature_matching(*pairs, SIGMA, 0.3, "none"),
        "sfr_pictures": losses.single_modal_feature_ratio(pairs[0], pairs[2], 1e-2),
        "sfr_music": losses.single_modal_feature_ratio(pairs[1], pairs[3], 1e-2),
        "similarity": losses.similarity_loss(batch["predicted_similarity"], *pairs[2:], SIGMA),
        "va_pictures": losses.valence_arousal_loss(batch["predicted_va_pictures"], pairs[2]),
        "va_music": losses.valence_arousal_loss(batch["predicted_va_music"], pairs[3]),
        "quadrant": losses.quadrant_loss(batch["predicted_va_quadrant"], batch["quadrants"], 0.1),
        "consistency": losses.view_consistency(batch["pictures"], batch["pictures_again"]),
        "votes": losses.vote_order_loss(batch["predicted_votes"], batch["votes"]),
        "teacher": losses.valence_arousal_loss(batch["predicted_va_taught"], batch["taught_va"]),
        "noisy_points": (batch["predicted_va_quadrant"] - batch["noisy_va"]).square().nansum() / (2 * Q),
    }
    assert list(terms) == [*NAMES, "total"]
    for name, value in expected.items():
        assert torch.allclose(terms[name], value, rtol=1e-6), name
    total = sum(weights[name] * expected[name] for name in NAMES)
    assert torch.allclose(terms["total"], total)


def test_every_input_gets_a_gradient(batch):
    VASpaceObjective(SIGMA, ALL)(ObjectiveBatch(**batch))["total"].backward()
    for name, tensor in batch.items():
        if tensor.requires_grad:
            assert tensor.grad.abs().sum() > 0, name
            assert tensor.grad.isfinite().all(), name


@pytest.mark.parametrize("name", NAMES)
def test_a_term_of_weight_zero_is_not_computed(batch, name, monkeypatch):
    objective = VASpaceObjective(SIGMA, {**ALL, name: 0.0})
    functions = {
        "cfr": "cross_modal_feature_ratio",
        "cfm": "cross_modal_feature_matching",
        "similarity": "similarity_loss",
        "quadrant": "quadrant_loss",
        "consistency": "view_consistency",
        "votes": "vote_order_loss",
    }
    if name in functions:
        monkeypatch.delattr(losses, functions[name])
    terms = objective(ObjectiveBatch(**batch))
    assert set(terms) == {*NAMES, "total"} - {name}
    assert torch.allclose(terms["total"], sum(terms[other] for other in NAMES if other != name))


def test_a_term_of_weight_zero_needs_no_input(batch):
    weights = {"similarity": 0.0, "va_pictures": 0.0, "va_music": 0.0}
    for name in ("predicted_similarity", "predicted_va_pictures", "predicted_va_music"):
        del batch[name]
    assert VASpaceObjective(SIGMA, weights)(ObjectiveBatch(**batch))["total"].isfinite()


def test_a_second_view_is_needed_only_by_consistency(batch):
    del batch["pictures_again"]
    assert "consistency" not in VASpaceObjective(SIGMA)(ObjectiveBatch(**batch))
    with pytest.raises(ValueError, match="consistency"):
        VASpaceObjective(SIGMA, ALL)(ObjectiveBatch(**batch))


def test_quadrants_are_optional_and_other_predictions_are_not(batch):
    del batch["quadrants"], batch["predicted_va_quadrant"]
    objective = VASpaceObjective(SIGMA)
    assert "quadrant" not in objective(ObjectiveBatch(**batch))
    del batch["predicted_similarity"]
    with pytest.raises(ValueError, match="similarity"):
        objective(ObjectiveBatch(**batch))


def test_sampling_follows_the_generator_alone(batch):
    objective = VASpaceObjective(SIGMA, sampled=1)
    state = torch.get_rng_state()
    values = [
        objective(ObjectiveBatch(**batch, rng=torch.Generator().manual_seed(s)))["total"] for s in (1, 1, 2)
    ]
    assert torch.equal(values[0], values[1])
    assert not torch.equal(values[0], values[2])
    assert torch.equal(torch.get_rng_state(), state)


@pytest.mark.parametrize(
    "options",
    [
        {"sigma": 0.0},
        {"sign": "paper"},
        {"margin": -1.0},
        {"weighting": "S"},
        {"floor": 0.0},
        {"sampled": 0},
        {"quadrant_margin": 1.0},
        {"weights": {"cfr": -1.0}},
        {"weights": {"cfm": float("nan")}},
        {"weights": dict.fromkeys(NAMES, 0.0)},
    ],
)
def test_wrong_options_are_refused_before_training(options):
    name = next(iter(options))
    with pytest.raises(ValueError, match="margin" if "margin" in name else name):
        VASpaceObjective(**{"sigma": SIGMA, **options})


def test_the_objective_has_no_state():
    objective = VASpaceObjective(SIGMA)
    assert not objective.state_dict()
    assert not list(objective.parameters())


def test_a_term_from_outside_is_one_registered_function(batch, forget_additions):
    from va_space.training.recipe import load_recipe

    class Spread(torch.nn.Module):
        def forward(self, pictures, music):
            return -(pictures.var() + music.var())

    forget_additions(TERMS)
    TERMS.register("spread")(lambda options: Term(Spread(), ("pictures", "music")))
    weights = load_recipe("smoke", ["objective.weights.spread=0.5"]).objective.weights
    terms = VASpaceObjective(SIGMA, weights)(ObjectiveBatch(**batch))
    assert torch.equal(terms["spread"], -(batch["pictures"].var() + batch["music"].var()))
    rest = sum(value for name, value in terms.items() if name not in {"spread", "total"})
    assert torch.allclose(terms["total"], rest + 0.5 * terms["spread"])


def test_every_shipped_term_has_a_default_weight():
    assert set(TERMS) == set(DEFAULT_WEIGHTS)
