# The steps of scripts/demo after the build (sourced from there).
results=build/demo
ranvier=build/release/ranvier
mkdir -p "$results"

say "an event-camera recording through a network that sees directions of motion"
/usr/bin/python3 examples/direction_selectivity/make_network.py "$results/direction_selectivity"
"$ranvier" replay examples/data/dvs_gesture_1.bin --network "$results/direction_selectivity/network.json" \
  -o "$results/gesture" --overwrite
"$ranvier" report "$results/gesture" -o "$results/gesture.html" --overwrite
"$ranvier" report "$results/gesture" --replay -o "$results/gesture_film.html" --overwrite

# The full network takes 1.4 GB, and about as much again while its files are made.
if (($(awk '/^MemAvailable:/ {print $2}' /proc/meminfo) > 3000000)); then
  network=microcircuit_full size="at its full size, 77,169 neurons and 299 million synapses"
else
  network=microcircuit_tenth size="at a tenth of its size (the full one wants 3 GB of free memory)"
fi
say "the cortical microcircuit (Potjans & Diesmann 2014) $size: one second, two MPI ranks"
mpirun -n 2 "$ranvier" run "bench/networks/$network.json" --duration 1000 -o "$results/microcircuit" --overwrite \
  --summary "$results/microcircuit.json"
/usr/bin/python3 examples/microcircuit/compare_rates.py "$results/microcircuit.json"
"$ranvier" report "$results/microcircuit" -o "$results/microcircuit.html" --overwrite

say "results: $results (open gesture.html, gesture_film.html and microcircuit.html in a browser)"
