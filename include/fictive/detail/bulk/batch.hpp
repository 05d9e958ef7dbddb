// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_BULK_BATCH_HPP
#define FICTIVE_DETAIL_BULK_BATCH_HPP

#include <fictive/config.hpp>
#include <fictive/detail/json/json_writer.hpp>
#include <fictive/detail/retry_state.hpp>
#include <fictive/error.hpp>
#include <fictive/journal.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fictive::detail {

/// The bytes of an address in a JSON array, with its quotes and comma.
constexpr std::size_t json_element_size(std::string_view address) noexcept {
  std::size_t size = 3;
  for (char c : address) size += json_size(c);
  return size;
}

/// Addresses that are sent in one request.
struct bulk_batch {
  /// @{ The addresses and their indices in the input, ascending.
  std::vector<std::uint64_t> indices = {};
  std::vector<std::string> addresses = {};
  /// @}
  std::size_t json_bytes = 0;
  /// @{ See `journal_intent`.
  std::uint64_t number = 0, input_size = 0;
  fingerprint input = {};
  /// @}
  /// The worst effect that an earlier attempt may have had, also one of the run that is continued.
  effect so_far = effect::none;
  /// Counts its attempts; set after the first failure that uses one up.
  std::optional<retry_state> retry = {};
  /// When it may be sent again.
  std::chrono::steady_clock::time_point not_before = {};
  bool needs_new_connection = false;

  [[nodiscard]] std::size_t size() const noexcept { return indices.size(); }
  [[nodiscard]] bool empty() const noexcept { return indices.empty(); }

  void add(std::uint64_t index, std::string address) {
    json_bytes += json_element_size(address);
    indices.push_back(index);
    addresses.push_back(std::move(address));
  }

  /// The indices as ranges.
  [[nodiscard]] std::vector<index_range> ranges() const {
    std::vector<index_range> ranges;
    for (auto const index : indices) {
      if (!ranges.empty() && ranges.back().first + ranges.back().count == index)
        ++ranges.back().count;
      else
        ranges.push_back({index, 1});
    }
    return ranges;
  }

  /// Removes and returns the second half, which begins afresh.
  [[nodiscard]] bulk_batch take_second_half() {
    auto const half = static_cast<std::ptrdiff_t>((size() + 1) / 2);
    bulk_batch second;
    second.input_size = input_size;
    second.input = input;
    second.so_far = so_far;
    for (auto i = static_cast<std::size_t>(half); i < size(); ++i) second.add(indices[i], std::move(addresses[i]));
    indices.erase(indices.begin() + half, indices.end());
    addresses.erase(addresses.begin() + half, addresses.end());
    json_bytes -= second.json_bytes;
    return second;
  }
};

}  // namespace fictive::detail

#endif
