"""Builds a network document in NEST 3: its populations, projections and stimuli, field by field.

Nothing of Ranvier is used. NEST's conventions are those of Ranvier's clocked populations: a spike is
stamped with the end of the step in which the threshold is found crossed; it arrives a whole number of
steps later and acts at the end of that step; after it the potential is held for the refractory time
and input that only moves the potential is lost. Delays that a law draws are redrawn below one step,
then rounded to the step. Populations with "advance": "event" become NEST's precise models (*_ps).
"""

import nest

LIF = {
    "E_L": ("v_rest", 1), "V_reset": ("v_reset", 1), "V_th": ("v_thresh", 1),
    "t_ref": ("tau_refrac", 1),
}  # fmt: skip
CURRENTS = {**LIF, "tau_m": ("tau_m", 1), "C_m": ("cm", 1000)}
SYNAPSES = {"tau_syn_ex": ("tau_syn_E", 1), "tau_syn_in": ("tau_syn_I", 1)}
REVERSALS = {"E_ex": ("e_rev_E", 1), "E_in": ("e_rev_I", 1)}
MODELS = {  # NEST's name, its parameters from Ranvier's with the factor between their units
    "if_curr_delta": ("iaf_psc_delta", CURRENTS),
    "if_curr_exp": ("iaf_psc_exp", {**CURRENTS, **SYNAPSES}),
    "if_curr_alpha": ("iaf_psc_alpha", {**CURRENTS, **SYNAPSES}),
    "if_cond_exp": ("iaf_cond_exp", {**LIF, **SYNAPSES, **REVERSALS, "C_m": ("cm", 1000)}),
    "hh_cond_exp": (
        "hh_cond_exp_traub",
        {
            **SYNAPSES, **REVERSALS, "C_m": ("cm", 1000), "g_Na": ("gbar_Na", 1000),
            "g_K": ("gbar_K", 1000), "g_L": ("g_leak", 1000), "V_T": ("v_offset", 1),
            "E_Na": ("e_rev_Na", 1), "E_K": ("e_rev_K", 1), "E_L": ("e_rev_leak", 1),
        },
    ),
    "izhikevich_2003": ("izhikevich", {name: (name, 1) for name in "abcd"}),
}  # fmt: skip
PRECISE = {"if_curr_delta": "iaf_psc_delta_ps", "if_curr_exp": "iaf_psc_exp_ps"}
WEIGHT_UNIT = {"if_curr_delta": 1, "izhikevich_2003": 1}  # mV in both; else pA for nA, nS for uS
RULES = {
    "fixed_indegree": lambda c: {"rule": "fixed_indegree", "indegree": c["number"]},
    "fixed_probability": lambda c: {"rule": "pairwise_bernoulli", "p": c["probability"]},
    "fixed_total_number": lambda c: {"rule": "fixed_total_number", "N": c["number"]},
}
FAR = 1e9


def value(given, factor=1.0):
    """A number, an array or a law of the document as NEST's."""
    if isinstance(given, list):
        return [x * factor for x in given]
    if not isinstance(given, dict):
        return given * factor
    given = dict(given)
    law = given.pop("distribution")
    if law == "uniform":
        low, high = sorted((given["low"] * factor, given["high"] * factor))
        return nest.random.uniform(low, high)
    assert law == "normal", law
    drawn = nest.random.normal(given.pop("mean") * factor, given.pop("sd") * abs(factor))
    if not given:
        return drawn
    bounds = sorted((given.pop("low", -FAR) * factor, given.pop("high", FAR) * factor))
    assert not given, given
    return nest.math.redraw(drawn, *bounds)


def weight_factor(population):
    """What a weight of the document is multiplied with in NEST's unit."""
    return WEIGHT_UNIT.get(population["model"], 1000)


def create(population):
    """The neurons of a population."""
    model, names = MODELS[population["model"]]
    if population.get("advance") == "event":
        model = PRECISE[population["model"]]
    given = dict(population["parameters"])
    current = given.pop("i_offset", 0)
    parameters = {
        nest_name: value(given[name], factor)
        for nest_name, (name, factor) in names.items()
        if name in given
    }
    if model == "iaf_cond_exp":
        parameters["g_L"] = parameters["C_m"] / given.pop("tau_m")
    unused = set(given) - {name for name, _ in names.values()}
    assert not unused, unused
    if current != 0:
        parameters["I_e"] = value(current, 1000)
    if model == "izhikevich":
        parameters["consistent_integration"] = False  # the order of operations of the 2003 paper
    initial = dict(population.get("initial", {}))
    if "v" in initial or "E_L" in parameters:
        parameters["V_m"] = value(initial.pop("v", parameters.get("E_L")))
    assert not initial, initial
    return nest.Create(model, population["size"], params=parameters)


def synapse_model(projection, target, neurons):
    """The name of a synapse model of the projection's own: static, or power-law STDP as stdp_pl_synapse_hom has it.

    Of its own, since NEST holds at most 2^27 - 2 synapses of one model a thread. The rule there: w += lambda w^mu K+ for a postsynaptic spike, w -= lambda alpha w K- for a presynaptic one,
    w in pA; the document counts the first in units of w_0.
    """
    given = projection.get("synapse", "static")
    if given == "static":
        name = f"static_{projection['source']}_{projection['target']}"
        if name not in nest.synapse_models:
            nest.CopyModel("static_synapse", name)
        return name
    rule = dict(given)
    kind = rule.pop("model"), rule.pop("weight_dependence")
    assert kind == ("stdp_pair", "power_law"), kind
    mu, w_0 = rule.pop("mu_plus"), rule.pop("w_0") * weight_factor(target)
    rate = rule.pop("A_plus") * w_0 ** (1 - mu)
    neurons.tau_minus = rule.pop("tau_minus")
    parameters = {"lambda": rate, "mu": mu, "alpha": rule.pop("A_minus") / rate}
    parameters["tau_plus"] = rule.pop("tau_plus")
    assert not rule, rule
    name = f"plastic_{projection['source']}_{projection['target']}"
    nest.CopyModel("stdp_pl_synapse_hom", name, parameters)
    return name


def weights_of(document, nodes, sources):
    """{"SOURCE to TARGET": weights in the document's unit} of plastic projections, onto all targets of the first `sources`."""
    weights = {}
    for p in document["projections"]:
        if p.get("synapse", "static") == "static":
            continue
        found = nest.GetConnections(
            nodes[p["source"]][:sources], synapse_model=f"plastic_{p['source']}_{p['target']}"
        )
        factor = weight_factor(document["populations"][p["target"]])
        weights[f"{p['source']} to {p['target']}"] = [w / factor for w in found.weight]
    return weights


def connect(projection, populations, nodes):
    """The synapses of a projection."""
    target = populations[projection["target"]]
    sign = 1.0
    if "cond" in target["model"] and projection["receptor"] == "inhibitory":
        sign = -1.0  # NEST's conductance models take the receptor from the weight's sign
    connector = dict(projection["connector"])
    rule = RULES[connector["rule"]](connector)
    rule["allow_autapses"] = connector.get("self_connections", True)
    if rule["rule"] != "pairwise_bernoulli":
        rule["allow_multapses"] = connector.get("multiple_connections", True)
    nest.Connect(
        nodes[projection["source"]], nodes[projection["target"]], rule,
        {
            "synapse_model": synapse_model(projection, target, nodes[projection["target"]]),
            "weight": value(projection["weight"], sign * weight_factor(target)),
            "delay": value(projection["delay"]),
        },
    )  # fmt: skip


def drive(stimulus, populations, nodes, dt):
    """An independent Poisson train, or noise current, for each neuron of the target."""
    target = populations[stimulus["target"]]
    if stimulus["type"] == "noise":
        factor = 1000.0  # nA to pA; izhikevich: pA is mV/ms
        generator = nest.Create("noise_generator", params={
            "mean": stimulus["mean"] * factor, "std": stimulus["stdev"] * factor, "dt": dt,
        })  # fmt: skip
        weight = 1.0
    else:
        assert stimulus["type"] == "poisson", stimulus["type"]
        precise = "_ps" if target.get("advance") == "event" else ""
        generator = nest.Create("poisson_generator" + precise, params={
            "rate": float(stimulus["rate"]), "stop": float(stimulus.get("stop", FAR)),
        })  # fmt: skip
        weight = stimulus["weight"] * weight_factor(target)
    nest.Connect(generator, nodes[stimulus["target"]], syn_spec={"weight": weight, "delay": dt})


def build(document, threads=1, seed=1):
    """Makes NEST's kernel anew and everything of the document in it; returns the nodes by population."""
    dt = document["run"]["dt"]
    nest.ResetKernel()
    nest.set(resolution=dt, print_time=False, local_num_threads=threads, rng_seed=seed)
    populations = document["populations"]
    nodes = {name: create(population) for name, population in populations.items()}
    for projection in document["projections"]:
        connect(projection, populations, nodes)
    for stimulus in document.get("stimuli", []):
        drive(stimulus, populations, nodes, dt)
    return nodes
