// The target table against sums made synapse by synapse, in a map of (step, receptor, target).
#include "core/target_table.h"

#include <map>
#include <tuple>

#include "core/draw.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

constexpr std::uint32_t n_targets = 300, n_padded = n_targets + 16;
constexpr std::int64_t longest = 40;

template <class PlacedSynapse>
PlacedSynapse made(std::uint64_t target, std::uint64_t receptor, std::uint64_t delay,
                   std::int64_t weight) {
  return {static_cast<decltype(PlacedSynapse::weight)>(weight),
          static_cast<decltype(PlacedSynapse::target)>(target), static_cast<std::uint16_t>(delay),
          static_cast<std::uint16_t>(receptor)};
}

const std::vector<GroupKind> few_kinds{{0, 32'767}, {1, -5}, {0, 12}, {1, -32'767}, {0, -7}};

std::int64_t any_weight(Words& words) {
  return static_cast<std::int64_t>(below(words.next(), 65'535)) - 32'767;
}

/// Rows of 0 to 90 synapses with delays of 1 to 40 steps, two receptors, weights of both signs: of
/// any size, or those of few_kinds.
template <class PlacedSynapse>
std::vector<std::vector<PlacedSynapse>> random_rows(std::uint64_t key, bool few_weights = false) {
  Words words(key);
  std::vector<std::vector<PlacedSynapse>> rows(60);
  for (auto& row : rows)
    for (std::uint64_t n = 1 + below(words.next(), 90); n > 0; --n)
      if (few_weights) {
        const GroupKind kind = few_kinds[below(words.next(), few_kinds.size())];
        row.push_back(made<PlacedSynapse>(below(words.next(), n_targets), kind.receptor,
                                          1 + below(words.next(), longest), kind.weight));
      } else {
        row.push_back(made<PlacedSynapse>(below(words.next(), n_targets), below(words.next(), 2),
                                          1 + below(words.next(), longest), any_weight(words)));
      }
  return rows;
}

/// Rows whose groups reach a third of the targets, some of them twice, beside groups of a few.
std::vector<std::vector<CompactPlaced>> dense_rows(std::uint64_t key) {
  auto rows = random_rows<CompactPlaced>(key, true);
  Words words(key + 7);
  for (std::size_t r = 0; r < rows.size(); r += 1 + r % 2)
    for (std::size_t kind = 0; kind < 1 + r % 3; ++kind)
      for (int n = 0; n < 120; ++n)
        rows[r].push_back(made<CompactPlaced>(below(words.next(), n_targets),
                                              few_kinds[kind].receptor, 3 + kind,
                                              few_kinds[kind].weight));
  return rows;
}

template <class Record>
TargetTable<Record> table_of(std::size_t kinds) {
  if constexpr (Record::has_weight) return {};
  else return TargetTable<Record>({few_kinds.begin(), few_kinds.begin() + kinds}, n_targets);
}

template <class Record, class Sum>
void compare(std::uint64_t key,
             const std::vector<std::vector<typename Record::PlacedSynapse>>& rows,
             std::size_t kinds = few_kinds.size(), std::uint64_t most_spikes = 3) {
  using PlacedSynapse = typename Record::PlacedSynapse;
  TargetTable<Record> table = table_of<Record>(kinds);
  std::int64_t synapses = 0;
  for (const auto& row : rows) {
    synapses += static_cast<std::int64_t>(row.size());
    const auto number = static_cast<std::uint32_t>(table.rows());
    CHECK(table.append_row(row) == number);
  }
  CHECK(table.synapses() == synapses);

  std::map<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>, std::int64_t> expected;
  std::vector<Bucket> ring(longest + 2);
  std::vector<std::uint32_t> units;
  Words words(key + 1);
  std::array<std::vector<Sum>, max_receptors> sums{std::vector<Sum>(n_padded),
                                                   std::vector<Sum>(n_padded)};
  for (std::int64_t step = 1; step < 200; ++step) {
    Bucket& bucket = ring[static_cast<std::size_t>(step) % ring.size()];
    table.drain(bucket, units, pointers(sums));
    for (auto& groups : bucket) groups.clear();
    for (std::uint32_t receptor = 0; receptor < 2; ++receptor) {
      for (std::uint32_t t = 0; t < n_targets; ++t) {
        const auto found = expected.find({step, receptor, t});
        REQUIRE(std::int64_t{sums[receptor][t]} == (found == expected.end() ? 0 : found->second));
        sums[receptor][t] = 0;
      }
    }
    for (std::uint64_t spikes = below(words.next(), 1 + most_spikes); spikes > 0; --spikes) {
      const auto r = static_cast<std::uint32_t>(below(words.next(), rows.size()));
      const DueRow spike{r, step};
      CHECK(table.enter({&spike, 1}, step, ring) == static_cast<std::int64_t>(rows[r].size()));
      for (const PlacedSynapse& s : rows[r])
        expected[{step + s.delay, s.receptor, s.target}] += s.weight;
    }
  }
}

}  // namespace

TEST_CASE("the target table delivers what synapse-by-synapse sums deliver", "[core]") {
  compare<CompactRecord, std::int32_t>(1, random_rows<CompactPlaced>(1));
  compare<CompactRecord, std::int64_t>(2, random_rows<CompactPlaced>(2));
  compare<ExactRecord, std::int64_t>(3, random_rows<ExactPlaced>(3));
  compare<TargetRecord, std::int32_t>(4, random_rows<CompactPlaced>(4, true));
  compare<TargetRecord, std::int64_t>(5, random_rows<CompactPlaced>(5, true));
}

TEST_CASE("rows of bits deliver what synapse-by-synapse sums deliver", "[core]") {
  // few_kinds[0 .. 2] leave room for their form as bits; from 1 to 200 rows meet in a step.
  for (const std::uint64_t most_spikes : {1, 2, 6, 200}) {
    auto rows = dense_rows(most_spikes);
    for (auto& row : rows)
      std::erase_if(row, [](const CompactPlaced& s) {
        return s.weight == few_kinds[3].weight || s.weight == few_kinds[4].weight;
      });
    compare<TargetRecord, std::int32_t>(most_spikes, rows, 3, most_spikes);
    compare<TargetRecord, std::int64_t>(most_spikes, rows, 3, most_spikes);
    compare<TargetRecord, std::int32_t>(most_spikes, dense_rows(9), 5, most_spikes);
  }
  const auto bytes_of = [](std::size_t kinds) {
    TargetTable<TargetRecord> table = table_of<TargetRecord>(kinds);
    std::vector<CompactPlaced> row;
    for (std::uint64_t t = 0; t < n_targets; t += 2)
      row.push_back(made<CompactPlaced>(t, 0, 4, few_kinds[0].weight));
    for (int n = 0; n < 100; ++n) table.append_row(row);
    return table.bytes() - table.header_bytes();
  };
  CHECK(bytes_of(1) == 100 * (64 + 4));       // a cache line of bits, and the group's entry
  CHECK(bytes_of(5) == 100 * (160 * 2 + 4));  // 150 targets in whole units
}

TEST_CASE("a spike enters only what is due after the given step", "[core]") {
  TargetTable<ExactRecord> table;
  std::vector<ExactPlaced> row;
  for (std::uint16_t delay = 1; delay <= 10; ++delay)
    row.push_back(made<ExactPlaced>(delay, 0, delay, 100 + delay));
  table.append_row(row);
  std::vector<Bucket> ring(12);
  const DueRow spike{0, 5};
  table.enter({&spike, 1}, 9, ring);  // as after a checkpoint at step 9: delays 1 to 4 have arrived
  std::array<std::vector<std::int64_t>, max_receptors> sums{std::vector<std::int64_t>(11)};
  std::vector<std::uint32_t> units;
  for (const Bucket& bucket : ring) table.drain(bucket, units, pointers(sums));
  for (std::size_t delay = 1; delay <= 10; ++delay)
    CHECK(sums[0][delay] == (delay <= 4 ? 0 : 100 + static_cast<std::int64_t>(delay)));
}

TEST_CASE("groups of a row rise in delay, then receptor", "[core]") {
  const auto rows = random_rows<CompactPlaced>(9);
  TargetTable<CompactRecord> table;
  for (const auto& row : rows) table.append_row(row);
  for (std::uint32_t r = 0; r < table.rows(); ++r) {
    std::pair<std::uint32_t, std::uint32_t> last{0, 0};
    table.for_each_group(r, [&](std::uint32_t receptor, std::uint32_t delay,
                                const CompactRecord* first, std::uint32_t count) {
      CHECK(last < std::pair{delay, receptor + 1});
      last = {delay, receptor + 1};
      CHECK(count % CompactRecord::unit == 0);
      CHECK(reinterpret_cast<std::uintptr_t>(first) % 32 ==
            0);  // a unit never straddles two cache lines
    });
  }
}
