// A list of recordings and what each shows: a folder with one folder of recordings a label, or a
// CSV file that begins with the line `file,label`. Tested by tests/mpi/test_experiment.py.
#pragma once
#include <filesystem>
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
/// Throws Error(io) for what is not there, Error(parse) that names the line, Error(range) for a
/// list without recordings.
SampleList read_sample_list(const std::filesystem::path& path);

/// Labels in the order that SampleList::classes has.
void sort_labels(std::vector<std::string>& labels);

}  // namespace ranvier::app
