// A list of recordings and what each shows: a folder with one folder of recordings a label, or a
// CSV file that begins with the line `file,label` (core/csv.h: fields may be in quotes). Tested by
// tests/mpi/test_experiment.py and tests/unit/app/test_sample_list.cpp.
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace ranvier::app {

/// A recording and what it shows.
struct Sample {
  std::string name;  ///< as the list has it: FOLDER/FILE, or the first column
  std::filesystem::path file;
  std::string label;
};

/// Recordings in the order in which they count.
struct SampleList {
  std::vector<Sample> samples;
  std::vector<std::string> classes;  ///< the different labels: whole numbers by value, else texts
                                     ///< by their bytes
};

/// Whether a path names a list, and not one recording.
bool is_sample_list(const std::filesystem::path& path);

/// Files of a folder are sorted by name, folder by folder; names that begin with a dot, and files
/// beside the folders, are passed over. Files that a CSV list names are relative to it.
/// Throws Error(io) for what is not there or is no file, Error(parse) that names the line,
/// Error(range) for a list without recordings.
SampleList read_sample_list(const std::filesystem::path& path);

/// Which rank runs each sample: the largest is dealt first, each to the rank that has least so far
/// (of equals the earlier sample, and the lower rank), so that all end at about the same time.
/// \param loads  of the samples, e.g. bytes of their recordings    \param ranks  > 0
/// \returns a rank a sample; at most 4/3 of the best dealing's largest load on any of them.
/// Source: Graham 1969, "Bounds on multiprocessing timing anomalies", theorem 2.
std::vector<int> deal(std::span<const std::uint64_t> loads, int ranks);

/// Labels in the order that SampleList::classes has.
void sort_labels(std::vector<std::string>& labels);

}  // namespace ranvier::app
