# Shared by scripts/test and scripts/demo (sourced, not run): installs what is missing, makes build/venv, builds a preset.
# Every step looks first and does nothing when its result is there, so that a second run is quick.

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# Debian's own cmake, ninja and python3 come first: the same tools on every machine, whatever else it carries.
export PATH="/usr/bin:/bin:$PATH"
# Open MPI: as root, more ranks than cores (waiting ranks give their core away), and every rank free to use all cores for its threads.
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
export OMPI_MCA_rmaps_base_oversubscribe=1 OMPI_MCA_hwloc_base_binding_policy=none
export OMPI_MCA_btl_vader_single_copy_mechanism=none OMPI_MCA_mpi_yield_when_idle=1

apt_packages=(
  g++ cmake ninja-build pkg-config
  openmpi-bin libopenmpi-dev libhdf5-openmpi-dev
  libtbb-dev libboost-dev libboost-program-options-dev
  nlohmann-json3-dev libfmt-dev libhwy-dev librandom123-dev libdeflate-dev liblz4-dev libzstd-dev libssl-dev
  catch2 python3-venv python3-dev
)
jobs="$(nproc)"
# Where ccache is installed, build folders of this checkout share what was compiled: the wheel takes the release build's objects.
# What uses a precompiled header (tests, and libraries in debug builds) is kept too, which ccache asks to be told; no source asks for the date or the time.
export CCACHE_NOHASHDIR=1 CCACHE_BASEDIR="$PWD" CCACHE_SLOPPINESS=pch_defines,time_macros

say() { printf '== %s\n' "$*"; }

# install_packages [more...]: the packages that dpkg does not know as installed. Without root: the one line to run, and an exit.
install_packages() {
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian system: the packages below are taken for granted"
    printf '   %s\n' "${apt_packages[*]}"
    return
  fi
  local missing=() package
  for package in "${apt_packages[@]}" "$@"; do
    if [[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" != installed ]]; then
      missing+=("$package")
    fi
  done
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ((EUID != 0)); then
    echo "packages are missing; as root, run:" >&2
    echo "apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  say "installing Debian packages: ${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -q
  apt-get install -y -q --no-install-recommends "${missing[@]}"
}

# build/venv with the pinned packages of a requirements file; made again when the file has changed.
install_python() {
  local requirements="$1" stamp
  stamp="build/venv/$(basename "$requirements").done"
  if [[ -x build/venv/bin/python ]] && cmp -s "$requirements" "$stamp"; then
    return
  fi
  say "installing Python packages into build/venv: $(grep -v '^#' "$requirements" | xargs)"
  mkdir -p build
  if [[ ! -x build/venv/bin/python ]]; then
    python3 -m venv build/venv
  fi
  build/venv/bin/python -m pip install --quiet --disable-pip-version-check -r "$requirements"
  cp "$requirements" "$stamp"
}

# PyNN's own scenario tests, which its wheel leaves out, from its source distribution.
fetch_pynn_scenarios() {
  local version
  version="$(sed -n 's/^PyNN==//p' scripts/requirements-test.txt)"
  if [[ -d build/pynn/$version/test/system/scenarios ]]; then
    return
  fi
  say "fetching the scenario tests of PyNN $version"
  mkdir -p "build/pynn/$version"
  build/venv/bin/python -m pip download --quiet --disable-pip-version-check --no-deps --no-binary PyNN \
    -d build/pynn "PyNN==$version"
  tar xzf build/pynn/*"$version".tar.gz -C "build/pynn/$version" --strip-components=1
}

# build_preset NAME [cmake option...]: configured once (and again by ninja itself when a CMake file changes), then built:
# all of it, or the targets in build_targets.
build_targets=()
build_preset() {
  local preset="$1"
  shift
  if [[ ! -f build/$preset/build.ninja || "$*" != "$(cat "build/$preset/options.done" 2>/dev/null)" ]]; then
    say "configuring preset $preset"
    cmake --preset "$preset" "$@"
    printf '%s\n' "$*" >"build/$preset/options.done"
  fi
  say "building preset $preset"
  cmake --build --preset "$preset" --parallel "$jobs" ${build_targets[@]+--target "${build_targets[@]}"}
}

# The release build with the Python package, which build/venv sees where it was built.
build_release() {
  build_preset release -DRANVIER_PYTHON=ON "-DPython_EXECUTABLE=$PWD/build/venv/bin/python"
  local site
  site="$(build/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("platlib"))')"
  printf '%s\n' "$PWD/build/release/python" >"$site/ranvier.pth"
  if [[ -d $site/pyNN ]]; then  # as the wheel puts it there
    cp python/pynn_name.py "$site/pyNN/ranvier.py"
  fi
}
