// SPDX-License-Identifier: BSL-1.0

#include "outcome.hpp"

#include "error_text.hpp"
#include "printable.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace examples {
namespace {

namespace json = boost::json;

/// Number of addresses that were sent and are missing in the response.
std::size_t missing_addresses(job const& job, fictive::invite_response const& response) {
  auto const asked = job.request.email_addresses.size();
  auto const answered = response.valid_invitations.size() + response.invalid_email_addresses.size();
  return asked - std::min(asked, answered);
}

std::string_view advice_on(fictive::effect effect) {
  switch (effect) {
    case fictive::effect::none: return "Nobody was invited: correct the cause and send again.";
    case fictive::effect::applied: return "The invitations were made, but the response is lost: do not send again.";
    case fictive::effect::unknown: break;
  }
  return "It is unknown whether anybody was invited: check before you send again.";
}

std::string text_of(std::optional<fictive::date_time> const& date_time) {
  return date_time ? date_time->to_string() : "";
}

using table_row = std::array<std::string, 5>;

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80u; }));
}

std::string aligned(std::vector<table_row> const& rows) {
  std::array<std::size_t, std::tuple_size_v<table_row>> widths{};
  for (auto const& row : rows)
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i]));

  std::string text;
  for (auto const& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - width_of(row[i]) + 2, ' ');
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

std::string table_of(fictive::invite_response const& response) {
  std::vector<table_row> rows{{"ADDRESS", "RESULT", "INVITATION", "STATUS", "EXPIRES"}};
  for (auto const& invitation : response.valid_invitations)
    rows.push_back({printable(invitation.email_address), "invited", printable(invitation.invitation_reference),
                    printable(invitation.status.text()), text_of(invitation.expiry_date)});
  for (auto const& address : response.invalid_email_addresses)
    rows.push_back({printable(address), "refused", "", "", ""});
  return aligned(rows);
}

std::string summary_of(job const& job, fictive::invite_response const& response) {
  auto text = std::to_string(response.valid_invitations.size()) + " invited, " +
              std::to_string(response.invalid_email_addresses.size()) + " refused";
  if (auto const missing = missing_addresses(job, response); missing > 0)
    text += ", " + std::to_string(missing) + " missing in the response";
  return text + '\n';
}

json::array array_of(std::vector<std::string> const& texts) {
  json::array array;
  for (auto const& text : texts) array.push_back(value_of(text));
  return array;
}

json::object object_of(job const& job, fictive::invite_response const& response) {
  json::array invited;
  for (auto const& invitation : response.valid_invitations)
    invited.push_back(json::object{
        {"address", value_of(invitation.email_address)},
        {"reference", value_of(invitation.invitation_reference)},
        {"status", value_of(invitation.status.text())},
        {"expires", invitation.expiry_date ? value_of(text_of(invitation.expiry_date)) : json::value()},
        {"subscriptions", array_of(invitation.subscription_references)},
    });
  return {{"invited", invited},
          {"refused", array_of(response.invalid_email_addresses)},
          {"missing", missing_addresses(job, response)}};
}

}  // namespace

exit_status status_of(job const& job, invite_outcome const& outcome) {
  if (outcome)
    return outcome->invalid_email_addresses.empty() && missing_addresses(job, *outcome) == 0
               ? exit_status::all_invited
               : exit_status::some_refused;
  if (outcome.error().code == fictive::errc::invalid_argument) return exit_status::wrong_usage;
  switch (outcome.error().effect) {
    case fictive::effect::none: return exit_status::failed_without_effect;
    case fictive::effect::applied: return exit_status::response_lost;
    case fictive::effect::unknown: break;
  }
  return exit_status::outcome_unknown;
}

std::string to_text(job const& job, invite_outcome const& outcome) {
  if (!outcome)
    return text_of(outcome.error(), job.config.credentials).append(advice_on(outcome.error().effect)) += '\n';
  return table_of(*outcome) + '\n' + summary_of(job, *outcome);
}

std::string to_json(job const& job, invite_outcome const& outcome) {
  auto const object = outcome ? object_of(job, *outcome) : object_of(outcome.error(), job.config.credentials);
  return in_ascii(json::serialize(object)) + '\n';
}

}  // namespace examples
