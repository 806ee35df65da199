"""Rates, irregularity and correlations of eight networks are those that NEST shows over seeds.

Eight seeds of Ranvier (three under sanitizers) against eight of NEST 3.10 (record_nest.py; the
documents are the same): the mean of every measure of each population, and the spread of rate and
irregularity (that of the correlation is too skewed for a law of variances: in the SR state it hangs
on the clusters that the first spikes happen to form). In runs.py the bounds are stated as the
probability, 1e-4, that two samples of one law miss one; with 110 comparisons a new set of seeds
fails once in 90 times without a fault. That a wrong network is noticed is tested below; by how much
in each, docs/reference/statistics-against-nest.md says.
"""

import pytest
from networks import cases, with_weights
from runs import F, PEER_SEEDS, SEEDS, T, compare, sample

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", sorted(cases()))
def test_the_statistics_are_those_of_nest(name, tmp_path):
    case = cases()[name]
    rows = compare(name, case, sample(case, tmp_path))
    assert len(rows) == 3 * len(case.document["populations"])
    faults = [
        f"{population} {m}: NEST {peer.mean():.5g} +- {peer.std(ddof=1):.2g}, "
        f"found {own.mean():.5g} +- {own.std(ddof=1):.2g} (t {t:.2f}, variances {ratio:.2f})"
        for population, m, peer, own, t, ratio in rows
        if not (abs(t) <= T and (m == "correlation" or F[0] <= ratio <= F[1]))
    ]
    assert faults == []


@pytest.mark.skipif(len(SEEDS) < PEER_SEEDS, reason="RANVIER_SEEDS: too few to notice it")
def test_a_tenth_more_recurrent_weight_would_be_noticed(tmp_path):
    name = "brunel_ai"
    case = with_weights(cases()[name], 1.1)
    assert any(abs(t) > T for *_, t, _ in compare(name, case, sample(case, tmp_path)))
