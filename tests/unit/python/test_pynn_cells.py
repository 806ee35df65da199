"""PyNN's composed, native and hardware cells, drawn trains, every recordable, and every file format PyNN offers."""

from datetime import datetime, timezone

import numpy as np
import pytest

pytest.importorskip("pyNN")
import ranvier  # noqa: E402
import ranvier.pynn as sim  # noqa: E402
from pyNN.parameters import Sequence  # noqa: E402


def driven(celltype, receptors, record=("v",), weights=(0.03, 0.02), **projection):
    """Two cells that get pulses at two receptors: spikes of the first, and signals by name."""
    sim.setup(timestep=0.1)
    cells = sim.Population(2, celltype)
    source = sim.Population(2, sim.SpikeSourceArray(spike_times=[[10.0, 30.0, 31.0], [20.0, 45.0]]))
    for k, (receptor, weight) in enumerate(zip(receptors, weights, strict=True)):
        synapse = sim.StaticSynapse(weight=weight, delay=1.0)
        sim.Projection(
            source[k : k + 1], cells, sim.AllToAllConnector(), synapse, receptor_type=receptor
        )
    cells.record(["spikes", *record])
    sim.run(150.0)
    segment = cells.get_data().segments[0]
    sim.end()
    signals = {s.name: s.magnitude[:, 0] for s in segment.analogsignals}
    return segment.spiketrains[0].magnitude, signals


def test_a_point_neuron_of_two_receptors_is_the_cell_of_two_receptors():
    parameters = {"tau_m": 12.0, "cm": 0.3, "i_offset": 0.36, "tau_refrac": 2.0, "v_thresh": -53.0}
    point = sim.PointNeuron(
        sim.LIF(**parameters),
        GABA=sim.CondExpPostSynapticResponse(tau_syn=8.0, e_syn=-80.0),
        AMPA=sim.ExpPSR(tau_syn=3.0, e_syn=0.0),
    )
    plain = sim.IF_cond_exp(**parameters, tau_syn_E=3.0, tau_syn_I=8.0, e_rev_I=-80.0)
    trains, signals = driven(point, ("AMPA", "GABA"), ("v", "AMPA.gsyn", "GABA.gsyn"))
    expected_trains, expected = driven(
        plain, ("excitatory", "inhibitory"), ("v", "gsyn_exc", "gsyn_inh")
    )
    assert len(trains) > 1
    np.testing.assert_array_equal(trains, expected_trains)
    np.testing.assert_allclose(signals["v"], expected["v"], atol=1e-9)
    np.testing.assert_allclose(signals["AMPA.gsyn"], expected["gsyn_exc"], atol=1e-12)
    np.testing.assert_allclose(signals["GABA.gsyn"], expected["gsyn_inh"], atol=1e-12)


def test_parameters_of_receptors_are_read_and_set():
    sim.setup(timestep=0.1)
    celltype = sim.PointNeuron(
        sim.AdExp(tau_m=10.0),
        slow=sim.BetaPSR(tau_rise=2.0, tau_decay=30.0, e_syn=-70.0),
        fast=sim.AlphaPSR(tau_syn=1.5),
    )
    cells = sim.Population(3, celltype)
    assert cells.get("slow.tau_decay") == 30.0 and cells.get("fast.tau_syn") == 1.5
    assert cells.get("tau_m") == 10.0
    cells[0:2].set(**{"fast.tau_syn": 2.5, "delta_T": 1.0})
    np.testing.assert_array_equal(cells.get("fast.tau_syn"), [2.5, 2.5, 1.5])
    np.testing.assert_array_equal(cells._native["tau_rise_1"], [2.5, 2.5, 1.5])
    assert celltype.native_model == "adex_cond_multi"
    sim.run(1.0)
    cells.set(**{"slow.e_syn": -90.0})
    assert cells.get("slow.e_syn") == -90.0
    assert sim.simulator.state.simulation[cells._native_name].e_rev_2[0] == -90.0
    sim.end()


def test_the_hardware_cell_is_the_conductance_cell_with_what_the_hardware_fixes():
    hardware = sim.IF_facets_hardware1(g_leak=20.0, tau_syn_E=4.0)
    plain = sim.IF_cond_exp(
        cm=0.2, tau_m=10.0, tau_refrac=1.0, tau_syn_E=4.0, tau_syn_I=30.0, e_rev_E=0.0, e_rev_I=-80.0,
        v_reset=-80.0, v_rest=-65.0, v_thresh=-55.0,
    )  # fmt: skip
    receptors = ("excitatory", "inhibitory")
    one, other = (driven(c, receptors, weights=(0.05, 0.01)) for c in (hardware, plain))
    assert len(one[0]) > 0
    np.testing.assert_array_equal(one[0], other[0])
    np.testing.assert_array_equal(one[1]["v"], other[1]["v"])


def test_the_adaptation_of_gsfa_grr_is_recorded():
    trains, signals = driven(
        sim.IF_cond_exp_gsfa_grr(i_offset=1.2), ("excitatory", "inhibitory"), ("v", "g_s", "g_r")
    )
    first = round(10 * trains[0])
    assert signals["g_s"][first] == 15.0 and signals["g_r"][first] == 3000.0
    assert signals["g_s"][first + 100] == pytest.approx(15.0 * np.exp(-0.1))


def test_the_adaptation_of_gif_is_recorded():
    cell = sim.GIF_cond_exp(i_offset=1.5, a_eta=(0.1, 0.2, 0.3), a_gamma=(1.0, 2.0, 3.0))
    trains, signals = driven(cell, ("excitatory", "inhibitory"), ("i_eta", "v_t"))
    first = round(10 * trains[0])
    assert (signals["i_eta"][first - 1], signals["v_t"][first - 1]) == (0.0, -48.0)
    assert signals["i_eta"][first] == pytest.approx(0.6)
    assert signals["v_t"][first] == pytest.approx(-42.0)


def test_any_model_of_the_kernel_is_a_native_cell_type():
    celltype = sim.native_cell_type("hh_1952")
    assert {"v", "m", "h", "n", "spikes"} <= set(celltype.recordable)
    trains, signals = driven(
        sim.native_cell_type("if_cond_exp")(tau_m=12.0, i_offset=1.4),
        ("excitatory", "inhibitory"),
        ("v", "g_e"),
    )
    plain, expected = driven(
        sim.IF_cond_exp(tau_m=12.0, i_offset=1.4), ("excitatory", "inhibitory"), ("v", "gsyn_exc")
    )
    np.testing.assert_array_equal(trains, plain)
    np.testing.assert_array_equal(signals["g_e"], expected["gsyn_exc"])
    with pytest.raises(ValueError, match="unknown model"):
        sim.native_cell_type("if_cond_axp")


def test_native_cells_can_be_moved_by_events():
    sim.setup(timestep=0.1)
    exact = sim.native_cell_type("if_curr_exp", advance="event")
    cells = sim.Population(2, exact(i_offset=[1.4, 0.0], tau_refrac=2.0))
    cells.record("spikes")
    sim.run(30.0)
    first, none = (t.magnitude for t in cells.get_data().segments[0].spiketrains)
    closed_form = -20.0 * np.log(
        1.0 - 15.0 / 28.0
    )  # dv/dt = 1.4 - v/20 from 0 to 15 mV, off the grid
    assert first == pytest.approx([closed_form], abs=1e-6) and none.size == 0
    with pytest.raises(ranvier.Error, match="advance"):
        sim.native_cell_type("if_cond_exp", advance="event")


def inh_gamma(slices, **parameters):
    sim.setup(timestep=0.1, seed=9)
    source = sim.Population(400, sim.SpikeSourceInhGamma(**parameters))
    source.record("spikes")
    for ms in slices:
        sim.run(ms)
    trains = [t.magnitude for t in source.get_data().segments[0].spiketrains]
    sim.end()
    return trains


def test_a_gamma_process_of_one_bin_has_the_law_of_its_intervals():
    trains = inh_gamma([3000.0], a=Sequence([3.0]), b=Sequence([0.01]), tbins=Sequence([0.0]))
    first = np.array([train[0] for train in trains])
    second = np.array([train[1] - train[0] for train in trains])
    for intervals in (first, second):  # mean a b, variance a b^2: five standard errors
        assert abs(intervals.mean() - 30.0) < 5 * np.sqrt(300.0 / 400)
        assert abs(intervals.var() - 300.0) < 5 * 300.0 * np.sqrt((2 + 6 / 3.0) / 400)


def test_a_gamma_process_changes_its_rate_from_bin_to_bin_and_not_with_the_slices():
    bins = {
        "a": Sequence([2.0, 2.0, 4.0]),
        "b": Sequence([0.05, 0.005, 0.025]),
        "tbins": Sequence([0.0, 500.0, 1000.0]),
    }
    trains = inh_gamma([1500.0], **bins)
    for one, other in zip(trains, inh_gamma([100.0, 650.0, 750.0], **bins), strict=True):
        np.testing.assert_array_equal(one, other)
    spikes = np.concatenate(trains)
    # Rates 10, 100 and 10 Hz, well inside each bin; counts of 400 sources over 300 ms, CV^2 at most 1/2.
    for begin, rate in ((150.0, 10.0), (650.0, 100.0), (1150.0, 10.0)):
        expected = rate * 0.3 * 400
        assert abs(np.sum((spikes > begin) & (spikes <= begin + 300.0)) - expected) < 5 * np.sqrt(
            expected
        )


@pytest.mark.parametrize(
    ("extension", "package"),
    [("pkl", None), ("mat", "scipy"), ("nix", "nixio"), ("h5", "nixio"), ("nwb", "pynwb")],
)
def test_every_format_of_pynn_is_written_and_read_again(extension, package, tmp_path):
    import neo

    if package:
        pytest.importorskip(package)
    path = str(tmp_path / f"results.{extension}")
    sim.setup(timestep=0.1)
    cells = sim.Population(2, sim.IF_cond_exp(i_offset=1.5), label="cells")
    cells.record(["spikes", "v"])
    sim.run(50.0)
    needed = {"session_start_time": datetime.now(timezone.utc)} if extension == "nwb" else {}
    cells.write_data(path, annotations=needed)
    segment = cells.get_data().segments[0]
    sim.end()
    readers = {"pkl": neo.io.PickleIO, "mat": neo.io.NeoMatlabIO, "nwb": neo.io.NWBIO}
    kind = readers.get(extension, neo.io.NixIO)
    reader = (
        kind(path)
        if extension in ("pkl", "mat")
        else kind(path, mode="r" if extension == "nwb" else "ro")
    )
    again = (reader.read_all_blocks if extension == "nwb" else reader.read)()[0].segments[0]
    np.testing.assert_allclose(
        np.concatenate([t.rescale("ms").magnitude for t in again.spiketrains]),
        np.concatenate([t.magnitude for t in segment.spiketrains]),
        rtol=1e-12,
    )
    signal = again.analogsignals[0]
    np.testing.assert_allclose(
        signal.rescale("mV").magnitude, segment.analogsignals[0].magnitude, rtol=1e-12
    )
