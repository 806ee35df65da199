"""Builds a network document in Brian2 2, in the form that runs fastest there.

Nothing of Ranvier is used. All populations are one NeuronGroup (each code object of C++ standalone
costs a parallel region a step), parameters that differ between them are arrays; projections of one
receptor with one weight and delay are one Synapses object, those with drawn values another. The
receptors share a variable where their time constants are equal.
"""

import math

import brian2
import numpy as np
from brian2 import Hz, mV, ms, nA, nF, uS

UNITS = {  # cm, a unit of Brian2's, is called C_m there
    "C_m": nF, "tau_m": ms, "tau_syn_E": ms, "tau_syn_I": ms, "tau_refrac": ms, "v_rest": mV,
    "v_reset": mV, "v_thresh": mV, "v_offset": mV, "e_rev_E": mV, "e_rev_I": mV, "e_rev_Na": mV,
    "e_rev_K": mV, "e_rev_leak": mV, "gbar_Na": uS, "gbar_K": uS, "g_leak": uS, "i_offset": nA,
    "a": 1, "b": 1, "c": 1, "d": 1,
}  # fmt: skip
LIF = {"threshold": "v > v_thresh", "reset": "v = v_reset", "refractory": "tau_refrac"}
CURRENT = "dv/dt = (v_rest - v)/tau_m + ({inputs} + i_offset)/C_m : volt (unless refractory)\n"
DECAY = "d{s}/dt = -{s}/{tau} : {unit}\n"
ALPHA = "d{s}/dt = (x_{s} - {s})/{tau} : amp\ndx_{s}/dt = -x_{s}/{tau} : amp\n"
CONDUCTANCE = (
    "dv/dt = (C_m/tau_m*(v_rest - v) + s_E*(e_rev_E - v) + s_I*(e_rev_I - v))/C_m"
    " : volt (unless refractory)\n"
)
TRAUB = """
dv/dt = (g_leak*(e_rev_leak - v) + s_E*(e_rev_E - v) + s_I*(e_rev_I - v)
         - gbar_Na*(m*m*m)*h*(v - e_rev_Na) - gbar_K*(n*n*n*n)*(v - e_rev_K))/C_m : volt
dm/dt = alpha_m*(1 - m) - beta_m*m : 1
dn/dt = alpha_n*(1 - n) - beta_n*n : 1
dh/dt = alpha_h*(1 - h) - beta_h*h : 1
alpha_m = 0.32/mV*4*mV/exprel((13*mV - v + v_offset)/(4*mV))/ms : Hz
beta_m = 0.28/mV*5*mV/exprel((v - v_offset - 40*mV)/(5*mV))/ms : Hz
alpha_h = 0.128*exp((17*mV - v + v_offset)/(18*mV))/ms : Hz
beta_h = 4./(1 + exp((40*mV - v + v_offset)/(5*mV)))/ms : Hz
alpha_n = 0.032/mV*5*mV/exprel((15*mV - v + v_offset)/(5*mV))/ms : Hz
beta_n = 0.5*exp((10*mV - v + v_offset)/(40*mV))/ms : Hz
"""
PUBLISHED = """
i_now = s + {noise}
v += 0.5*(0.04*v*v + 5*v + 140 - u + i_now)
v += 0.5*(0.04*v*v + 5*v + 140 - u + i_now)
u += a*(b*v - u)
s = 0
"""


class Form:
    """A model in Brian2: equations, what a weight's unit is and which variable a receptor adds to."""

    def __init__(self, model, parameters):
        shared = parameters.get("tau_syn_E") == parameters.get("tau_syn_I")
        self.variables = {
            "excitatory": "s" if shared else "s_E",
            "inhibitory": "s" if shared else "s_I",
        }
        self.options, self.factor, self.unit = dict(LIF), 1.0, nA
        self.counts_in_next_step = False  # what arrives: one step later than in the document
        states = sorted(set(self.variables.values()))
        taus = {s: "tau_syn_I" if s == "s_I" else "tau_syn_E" for s in states}
        inputs = " + ".join(states)
        if model == "if_curr_delta":
            self.variables = dict.fromkeys(self.variables, "v")
            self.equations = "dv/dt = (v_rest - v)/tau_m : volt (unless refractory)\n"
            self.method, self.unit = "exact", mV
        elif model == "if_curr_exp":
            self.equations = CURRENT.format(inputs=inputs)
            self.equations += "".join(DECAY.format(s=s, tau=taus[s], unit="amp") for s in states)
            self.method = "exact"
        elif model == "if_curr_alpha":
            self.equations = CURRENT.format(inputs=inputs)
            self.equations += "".join(ALPHA.format(s=s, tau=taus[s]) for s in states)
            self.variables = {r: "x_" + s for r, s in self.variables.items()}
            self.method, self.factor = "exact", math.e
        elif model in ("if_cond_exp", "hh_cond_exp"):
            self.variables = {"excitatory": "s_E", "inhibitory": "s_I"}
            self.equations = CONDUCTANCE if model == "if_cond_exp" else TRAUB
            for s in ("s_E", "s_I"):
                tau = "tau_syn" + s[1:]
                self.equations += DECAY.format(s=s, tau=tau, unit="siemens")
            # Both of order 1; without exponentials the first is the faster one, where it is stable.
            self.method, self.unit = "euler", uS
            if model == "hh_cond_exp":
                self.method = "exponential_euler"
                self.options = {"threshold": "v > -20*mV", "refractory": "v > -20*mV"}
        else:
            assert model == "izhikevich_2003", model
            self.equations = "v : 1\nu : 1\ns : 1\n"
            self.options = {"threshold": "v >= 30", "reset": "v = c; u += d"}
            self.method, self.unit = "euler", 1
            self.variables = dict.fromkeys(self.variables, "s")
            self.counts_in_next_step = True


def base(unit):
    """The name of the unit without its prefix, for equations."""
    return "1" if isinstance(unit, int) else repr(brian2.get_unit(unit.dim))


def draw(given, size, rng):
    """`size` values of a number, an array or a law."""
    if not isinstance(given, dict):
        return np.broadcast_to(np.asarray(given, float), (size,))
    if given["distribution"] == "uniform":
        return rng.uniform(given["low"], given["high"], size)
    assert given["distribution"] == "normal", given
    values = rng.normal(given["mean"], given["sd"], size)
    low, high = given.get("low", -math.inf), given.get("high", math.inf)
    while (outside := (values < low) | (values > high)).any():
        values[outside] = rng.normal(given["mean"], given["sd"], outside.sum())
    return values


def pairs(connector, n_sources, n_targets, same, rng):
    """Sources and targets of a connector's synapses."""
    rule = connector["rule"]
    no_self = same and not connector.get("self_connections", True)
    if rule == "fixed_probability":
        hit = rng.random((n_sources, n_targets)) < connector["probability"]
        if no_self:
            np.fill_diagonal(hit, False)
        return np.nonzero(hit)
    assert connector.get("multiple_connections", True), "multapses are drawn"
    if rule == "fixed_indegree":
        targets = np.repeat(np.arange(n_targets), connector["number"])
    else:
        assert rule == "fixed_total_number", rule
        targets = rng.integers(0, n_targets, connector["number"])
    sources = rng.integers(0, n_sources, len(targets))
    while no_self and (autapses := sources == targets).any():
        sources[autapses] = rng.integers(0, n_sources, autapses.sum())
    return sources, targets


def neurons(document, form, first, size, rng):
    """The NeuronGroup of all populations."""
    populations = document["populations"]
    parameters = {}
    for name in sorted(set().union(*(p["parameters"] for p in populations.values()))):
        given = [p["parameters"][name] for p in populations.values()]
        equal = all(g == given[0] and not isinstance(g, (dict, list)) for g in given)
        values = given[0] if equal else np.empty(size)
        if not equal:
            for (p, population), value in zip(populations.items(), given):
                own = slice(first[p], first[p] + population["size"])
                values[own] = draw(value, population["size"], rng)
        parameters["C_m" if name == "cm" else name] = values
    form.equations += "".join(
        f"{name} : {base(UNITS[name])} (constant)\n"
        for name, value in parameters.items()
        if isinstance(value, np.ndarray)
    )
    constants = {
        name: value * UNITS[name]
        for name, value in parameters.items()
        if not isinstance(value, np.ndarray)
    }
    constants.setdefault("i_offset", 0 * nA)
    if "i_offset" in parameters and isinstance(parameters["i_offset"], np.ndarray):
        del constants["i_offset"]
    group = brian2.NeuronGroup(
        size, form.equations, method=form.method, namespace=constants, name="cells", **form.options
    )
    for name, value in parameters.items():
        if isinstance(value, np.ndarray):
            setattr(group, name, value * UNITS[name])
    return group, constants


def start(document, group, model, constants, first, size, rng):
    """The state at time 0; Hodgkin-Huxley gates at their steady state for v at rest."""
    v = np.empty(size)
    for p, population in document["populations"].items():
        rest = population["parameters"].get("v_rest", -65)
        own = slice(first[p], first[p] + population["size"])
        v[own] = draw(population.get("initial", {}).get("v", rest), population["size"], rng)
    group.v = v if model == "izhikevich_2003" else v * mV
    if model == "izhikevich_2003":
        group.u = "b*v"
    if model == "hh_cond_exp":
        for gate in "mhn":
            setattr(group, gate, f"alpha_{gate}/(alpha_{gate} + beta_{gate})")


def synapses(document, form, group, first, dt, rng):
    """One Synapses object for each (receptor, weight, delay)."""
    populations, merged = document["populations"], {}
    for p in document["projections"]:
        source, target = populations[p["source"]], populations[p["target"]]
        i, j = pairs(p["connector"], source["size"], target["size"], source is target, rng)
        receptor = p.get("receptor", "excitatory")
        drawn = isinstance(p["weight"], dict)
        weight = draw(p["weight"], len(i), rng) * form.factor if drawn else p["weight"]
        late = isinstance(p["delay"], dict)
        delay = draw(p["delay"], len(i), rng) if late else p["delay"]
        key = (form.variables[receptor], None if drawn else weight, None if late else delay)
        part = (i + first[p["source"]], j + first[p["target"]], weight, delay)
        merged.setdefault(key, []).append(part)
    out = []
    for (variable, weight, delay), parts in merged.items():
        drawn = weight is None
        s = brian2.Synapses(
            group, group,
            f"w : {base(form.unit)}" if drawn else "",
            on_pre=f"{variable}_post += " + ("w" if drawn else "w0"),
            namespace={} if drawn else {"w0": weight * form.factor * form.unit},
        )  # fmt: skip
        # In the order of sources, then targets: a spike's synapses lie side by side in memory.
        i, j = (np.concatenate([p[n] for p in parts]) for n in (0, 1))
        order = np.lexsort((j, i))
        s.connect(i=i[order], j=j[order])
        if drawn:
            s.w = np.concatenate([p[2] for p in parts])[order] * form.unit
        if delay is None:
            steps = np.maximum(1, np.rint(np.concatenate([p[3] for p in parts]) / dt))
            s.delay = (steps[order] - form.counts_in_next_step) * dt * ms
        else:
            s.delay = (delay - (dt if form.counts_in_next_step else 0)) * ms
        out.append(s)
    return out


def drives(document, form, group, first):
    """Poisson inputs that last, those that stop (with their time, ms), and noise as a text."""
    lasting, stopping, noise = [], [], {}
    for s in document.get("stimuli", []):
        population = document["populations"][s["target"]]
        own = group[first[s["target"]] : first[s["target"]] + population["size"]]
        if s["type"] == "noise":
            noise[s["target"]] = s["stdev"] * 1000  # nA to mV/ms
            continue
        assert s["type"] == "poisson", s["type"]
        variable = form.variables["excitatory" if s["weight"] > 0 else "inhibitory"]
        weight = s["weight"] * form.factor * form.unit
        trains = 1000 if s["rate"] > 1000 else 10
        poisson = brian2.PoissonInput(own, variable, trains, s["rate"] / trains * Hz, weight)
        stopping.append((s["stop"], poisson)) if "stop" in s else lasting.append(poisson)
    return lasting, stopping, noise


def build(document, seed):
    """Everything of the document: the Network, its SpikeMonitor, and [(ms, inputs that end then)]."""
    rng = np.random.default_rng(seed)
    brian2.seed(seed)
    dt = document["run"]["dt"]
    brian2.defaultclock.dt = dt * ms
    populations = document["populations"]
    model = next(iter(populations.values()))["model"]
    assert all(p["model"] == model for p in populations.values()), "one model a network"
    first, size = {}, 0
    for name, population in populations.items():
        first[name], size = size, size + population["size"]
    form = Form(model, next(iter(populations.values()))["parameters"])
    group, constants = neurons(document, form, first, size, rng)
    start(document, group, model, constants, first, size, rng)
    lasting, stopping, noise = drives(document, form, group, first)
    parts = [group, *synapses(document, form, group, first, dt, rng), *lasting]
    parts += [poisson for _, poisson in stopping]
    if model == "izhikevich_2003":
        (first_sd, *rest), border = noise.values(), list(first.values())[1:]
        text = f"{first_sd}*randn()"
        if any(sd != first_sd for sd in rest):
            text = f"({first_sd} + {rest[0] - first_sd}*int(i >= {border[0]}))*randn()"
        group.run_regularly(PUBLISHED.format(noise=text), dt=dt * ms, when="groups")
    monitor = brian2.SpikeMonitor(group, name="spikes")
    return brian2.Network(*parts, monitor), monitor, stopping
