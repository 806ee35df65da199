# The steps of scripts/demo after the build (sourced from there).
results=build/demo
mkdir -p "$results"
ranvier=build/release/ranvier

say "replaying an event-camera recording"
"$ranvier" replay examples/dvs_orientation/network.json -o "$results/dvs"
"$ranvier" report "$results/dvs"

say "the cortical microcircuit at a tenth, one second, two ranks"
mpirun -n 2 "$ranvier" run bench/networks/microcircuit_tenth.json --duration 1000 -o "$results/microcircuit"
"$ranvier" report "$results/microcircuit"

say "results: $results"
