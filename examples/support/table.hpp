// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_TABLE_HPP
#define FICTIVE_EXAMPLES_TABLE_HPP

#include "printable.hpp"

#include <fictive/invite.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace examples {

/// The number of characters of a text in UTF-8.
inline std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

/// Prints what became of each address, and a summary. The texts of the service are made printable.
inline void print_table(std::ostream& out, fictive::invite_response const& response) {
  std::vector<std::array<std::string, 5>> rows{{"ADDRESS", "RESULT", "INVITATION", "STATUS", "EXPIRES"}};
  for (auto const& invitation : response.valid_invitations)
    rows.push_back({printable(invitation.email_address), "invited", printable(invitation.invitation_reference),
                    printable(invitation.status.text()),
                    invitation.expiry_date ? invitation.expiry_date->to_string() : ""});
  for (auto const& address : response.invalid_email_addresses) rows.push_back({printable(address), "refused"});
  for (auto const& address : response.unaccounted_email_addresses) rows.push_back({printable(address), "missing"});

  std::array<std::size_t, 5> widths{};
  for (auto const& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));
  for (auto const& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    out << line.substr(0, line.find_last_not_of(' ') + 1) << '\n';
  }

  out << '\n'
      << response.valid_invitations.size() << " invited, " << response.invalid_email_addresses.size() << " refused";
  if (auto const missing = response.unaccounted_email_addresses.size())
    out << ", " << missing << " missing in the response";
  out << '\n';
}

}  // namespace examples

#endif
