"""At a run's end nothing goes that results could be made from again before these are on the disk, status.json last.

Nor is a file removed that is open (NFS would keep it under another name, and with it its folder), and long columns alone
begin their way to the disk by a call each."""

import json
import os
import shutil
import subprocess

import pytest

PROGRAM = os.environ["RANVIER_PROGRAM"]
NAMES = ("spikes.h5", "reports/cells_v.h5", "pynn/cells.h5", "run.json", "status.json")
GO = {"checkpoint.h5", "0-0.spikes", "0-0.report-0", "plan.json"}

# Tells what is waited for, removed and renamed, in its order; a library that stands before the C library.
SHIM = r"""
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void tell(const char* what, const char* path) {
  char line[4200];
  int n = snprintf(line, sizeof line, "%s %s\n", what, path);
  int log = open(getenv("DISK_LOG"), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (write(log, line, n) != n) abort();
  close(log);
}
static void tell_file(const char* what, int file) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t n = readlink(link, path, sizeof path - 1);
  path[n < 0 ? 0 : n] = 0;
  tell(what, path);
}
static void tell_removed(int folder, const char* path) {
  struct stat removed, open;
  tell("remove", path);
  if (fstatat(folder, path, &removed, 0) != 0 || !S_ISREG(removed.st_mode)) return;
  for (int file = 0; file < 256; ++file)
    if (fstat(file, &open) == 0 && open.st_dev == removed.st_dev && open.st_ino == removed.st_ino)
      tell("open", path);
}
#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))
int fdatasync(int f) { tell_file("sync", f); return NEXT(int (*)(int), "fdatasync")(f); }
int fsync(int f) { tell_file("sync", f); return NEXT(int (*)(int), "fsync")(f); }
int sync_file_range(int f, off64_t at, off64_t n, unsigned flags) {
  tell_file("begin", f);
  return NEXT(int (*)(int, off64_t, off64_t, unsigned), "sync_file_range")(f, at, n, flags);
}
int unlink(const char* p) {
  tell_removed(AT_FDCWD, p);
  return NEXT(int (*)(const char*), "unlink")(p);
}
int remove(const char* p) {
  tell_removed(AT_FDCWD, p);
  return NEXT(int (*)(const char*), "remove")(p);
}
int unlinkat(int d, const char* p, int flags) {
  tell_removed(d, p);
  return NEXT(int (*)(int, const char*, int), "unlinkat")(d, p, flags);
}
int rename(const char* a, const char* b) {
  tell("rename", b);
  return NEXT(int (*)(const char*, const char*), "rename")(a, b);
}
"""


def is_sanitized():
    linked = subprocess.run(["ldd", PROGRAM], capture_output=True, text=True).stdout
    return "libasan" in linked or "libtsan" in linked


@pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler")
@pytest.mark.parametrize("n_many", [100, 20_000])
def test_results_are_on_the_disk_before_what_they_were_made_from_goes(tmp_path, n_many):
    if is_sanitized():
        pytest.skip("a sanitizer's library has to be the first")
    (tmp_path / "shim.c").write_text(SHIM)
    shim, log = tmp_path / "shim.so", tmp_path / "log"
    subprocess.run(
        ["cc", "-D_GNU_SOURCE", "-shared", "-fPIC", str(tmp_path / "shim.c"), "-o", str(shim)]
        + ["-ldl"],
        check=True,
    )
    network = tmp_path / "network.json"
    network.write_text(
        json.dumps(
            {
                "ranvier": 1,
                "run": {"duration": 30},
                "populations": {
                    "cells": {"model": "if_curr_exp", "size": 5, "parameters": {"i_offset": 2}},
                    "many": {"model": "if_curr_exp", "size": n_many, "parameters": {"i_offset": 9}},
                },
                "probes": [
                    {"population": "cells", "variables": ["spikes", "v"]},
                    {"population": "many", "variables": ["spikes"]},
                ],
            }
        )
    )
    out = tmp_path / "out"
    subprocess.run(
        [PROGRAM, "run", str(network), "-o", str(out), "-q", "--checkpoint-every", "10"],
        check=True,
        env={**os.environ, "LD_PRELOAD": str(shim), "DISK_LOG": str(log)},
    )
    told = log.read_text().splitlines()
    partial = f"{out}.partial"

    def last(line):
        assert line in told, line
        return len(told) - 1 - told[::-1].index(line)

    on_disk = [last(f"sync {partial}/{name}") for name in NAMES]
    assert max(on_disk) == on_disk[-1]
    assert told.index(f"rename {partial}/status.json") > max(on_disk[:-1])
    removed = [
        i
        for i, line in enumerate(told)
        if line.startswith("remove ") and line[7:].split("/")[-1] in GO
    ]
    assert len(removed) >= len(GO)
    assert min(removed) > max(on_disk)
    named = last(f"rename {out}")
    assert named > max(removed)
    assert last(f"sync {tmp_path}") > named
    assert not [line for line in told if line.startswith("open ")]
    begun = [i for i, line in enumerate(told) if line.startswith("begin ")]
    assert bool(begun) == (n_many > 10_000)
    assert all(told[i] == f"begin {partial}/spikes.h5" and i < on_disk[0] for i in begun)
