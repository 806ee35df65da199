#include "app/profile.h"

#include <fmt/core.h>

#include <numeric>

namespace ranvier::app {
namespace {

double seconds(std::int64_t ns) { return static_cast<double>(ns) * 1e-9; }

std::int64_t waited(const Profile& rank, const PhaseClock::Times& chunk) {
  return rank.parallel - std::accumulate(chunk.begin(), chunk.end(), std::int64_t{0});
}

}  // namespace

std::vector<Profile> gather_profiles(const Profile& mine, Comm& comm) {
  Bytes bytes;
  for (const std::int64_t x :
       {mine.windows, mine.messages, mine.message_bytes, mine.parallel, mine.record, mine.exchange})
    append(bytes, x);
  for (const PhaseClock::Times& chunk : mine.chunks) append(bytes, chunk);
  std::vector<Profile> ranks;
  for (const Bytes& one : comm.all_gather(bytes)) {
    Profile p;
    std::int64_t* const fields[] = {&p.windows,  &p.messages, &p.message_bytes,
                                    &p.parallel, &p.record,   &p.exchange};
    for (std::size_t i = 0; i < std::size(fields); ++i) *fields[i] = take<std::int64_t>(one, i);
    p.chunks = take_all<PhaseClock::Times>(std::span(one).subspan(sizeof(fields)));
    ranks.push_back(std::move(p));
  }
  return ranks;
}

std::string profile_table(const std::vector<Profile>& ranks) {
  std::string text = fmt::format("\n{:<12}", "seconds");
  for (const char* name : phase_names) text += fmt::format("{:>9}", name);
  text += fmt::format("{:>9}\n", "wait");
  for (std::size_t r = 0; r < ranks.size(); ++r) {
    for (std::size_t c = 0; c < ranks[r].chunks.size(); ++c) {
      text += fmt::format("rank {} / {:<3}", r, c);
      for (const std::int64_t ns : ranks[r].chunks[c]) text += fmt::format("{:>9.3f}", seconds(ns));
      text += fmt::format("{:>9.3f}\n", seconds(waited(ranks[r], ranks[r].chunks[c])));
    }
    text += fmt::format(
        "rank {}: chunks {:.3f} s, record {:.3f} s, exchange {:.3f} s; {} windows, {} messages, {} "
        "bytes\n",
        r, seconds(ranks[r].parallel), seconds(ranks[r].record), seconds(ranks[r].exchange),
        ranks[r].windows, ranks[r].messages, ranks[r].message_bytes);
  }
  return text;
}

Json profile_json(const std::vector<Profile>& ranks) {
  Json all = Json(Json::Array{});
  for (const Profile& rank : ranks) {
    Json chunks = Json(Json::Array{});
    for (const PhaseClock::Times& times : rank.chunks) {
      Json chunk = Json::object();
      for (std::size_t k = 0; k < times.size(); ++k) chunk.set(phase_names[k], seconds(times[k]));
      chunk.set("wait", seconds(waited(rank, times)));
      chunks.push_back(std::move(chunk));
    }
    all.push_back(Json::object({{"windows", rank.windows},
                                {"messages", rank.messages},
                                {"message_bytes", rank.message_bytes},
                                {"chunk_seconds", seconds(rank.parallel)},
                                {"record_seconds", seconds(rank.record)},
                                {"exchange_seconds", seconds(rank.exchange)},
                                {"chunks", std::move(chunks)}}));
  }
  return all;
}

}  // namespace ranvier::app
