// The table of statuses on docs/errors.md, generated from the table that the library uses:
//
//     docs_outcomes                 prints it
//     docs_outcomes --check PAGE    compares it with the part of the page between the two markers
//     docs_outcomes --write PAGE    replaces that part

#include <fictive/detail/http/outcomes.hpp>
#include <fictive/error.hpp>

#include <cstddef>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

namespace {

using fictive::detail::evidence;
using fictive::detail::retry_rule;
using fictive::detail::status_outcome;

constexpr std::string_view begin_marker = "<!-- outcomes -->\n", end_marker = "<!-- /outcomes -->\n";

bool is_range(status_outcome const& row) {
  return row.statuses.first <= row.statuses.last;
}

/// As in "304, 305", "any other 4xx" or "any other".
std::string statuses_of(status_outcome const& row) {
  auto const& [listed, first, last] = row.statuses;
  if (is_range(row) && last > 999) return "any other, which no final HTTP response has";
  if (is_range(row)) return "any other " + std::to_string(first / 100) + "xx";
  std::string text;
  for (auto const status : listed)
    if (status != 0) text.append(text.empty() ? "" : ", ").append(std::to_string(status));
  return row.needed == evidence::retry_after ? text + " with `Retry-After`" : text;
}

/// The statuses of two rows with the same outcome, in ascending order.
std::string merged(std::string const& statuses, std::string const& others) {
  std::set<std::string> sorted;
  for (auto const& text : {statuses, others})
    for (std::size_t at = 0; at < text.size(); at += 5) sorted.insert(text.substr(at, 3));
  std::string text;
  for (auto const& status : sorted) text.append(text.empty() ? "" : ", ").append(status);
  return text;
}

std::string name_of(fictive::errc code) {
  using enum fictive::errc;
  switch (code) {
    case invalid_request: return "invalid_request";
    case not_authenticated: return "not_authenticated";
    case not_found: return "not_found";
    case conflict: return "conflict";
    case too_many_requests: return "too_many_requests";
    case server_error: return "server_error";
    case unexpected_status: return "unexpected_status";
    default: return "?";  // no status has it
  }
}

char const* retry_of(status_outcome const& row) {
  switch (row.retry) {
    case retry_rule::never: return "no";
    case retry_rule::always: return row.effect == fictive::effect::none ? "yes" : "only with `retry_unknown_effect`";
    case retry_rule::once_on_new_connection: return "once, on a new connection";
    case retry_rule::if_safe: break;  // successes only
  }
  return "?";
}

/// The cells after the first one.
std::string outcome_of(status_outcome const& row) {
  return " | `" + name_of(row.code) + "` | " + to_string(row.effect) + " | " + retry_of(row) + " |\n";
}

/// Consecutive rows with the same outcome are one. Successes are left out: their outcome depends on the body.
std::string table() {
  std::string text = "| status | `errc` | effect | retried |\n|---|---|---|---|\n", statuses, outcome;
  auto const end_row = [&] {
    if (!statuses.empty()) text += "| " + statuses + outcome;
  };
  for (auto const& row : fictive::detail::status_outcomes) {
    if (row.code == fictive::errc::malformed_response) continue;
    if (outcome == outcome_of(row) && !is_range(row)) {
      statuses = merged(statuses, statuses_of(row));
      continue;
    }
    end_row();
    statuses = statuses_of(row);
    outcome = outcome_of(row);
  }
  end_row();
  return text;
}

int fail(std::string const& problem) {
  std::cerr << "docs_outcomes: " << problem << '\n';
  return 1;
}

int update(std::string_view option, char const* page) {
  std::ifstream in(page);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  in.close();
  auto begin = text.find(begin_marker);
  auto const end = text.find(end_marker);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    return fail(std::string(page) + " does not have the lines <!-- outcomes --> and <!-- /outcomes -->");
  begin += begin_marker.size();
  auto const wanted = "\n" + table() + "\n";
  if (text.compare(begin, end - begin, wanted) == 0) return 0;
  if (option == "--check")
    return fail("the table of " + std::string(page) +
                " is not that of outcomes.hpp; update it: docs_outcomes --write " + page);
  std::ofstream out(page);
  if (!(out << text.replace(begin, end - begin, wanted)).flush()) return fail("cannot write " + std::string(page));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::string_view const option = argc > 1 ? argv[1] : "";
  if (argc == 1) {
    std::cout << table();
    return 0;
  }
  if (argc == 3 && (option == "--check" || option == "--write")) return update(option, argv[2]);
  std::cerr << "usage: docs_outcomes [--check PAGE | --write PAGE]\n";
  return 2;
}
