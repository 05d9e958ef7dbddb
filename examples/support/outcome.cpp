// SPDX-License-Identifier: BSL-1.0

#include "outcome.hpp"

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

std::string_view name_of(fictive::effect effect) {
  switch (effect) {
    case fictive::effect::none: return "none";
    case fictive::effect::applied: return "applied";
    case fictive::effect::unknown: break;
  }
  return "unknown";
}

std::string_view advice_on(fictive::effect effect) {
  switch (effect) {
    case fictive::effect::none: return "Nobody was invited: correct the cause and send again.";
    case fictive::effect::applied: return "The invitations were made, but the response is lost: do not send again.";
    case fictive::effect::unknown: break;
  }
  return "It is unknown whether anybody was invited: check before you send again.";
}

/// The service's message may repeat what it was sent.
std::string without_secrets(std::string text, fictive::credentials const& credentials) {
  constexpr std::string_view mask = "[secret]";
  for (auto const* secret : {&credentials.session_id, &credentials.token_id, &credentials.bearer_token}) {
    if (secret->empty()) continue;
    for (auto at = text.find(secret->reveal()); at != std::string::npos;
         at = text.find(secret->reveal(), at + mask.size()))
      text.replace(at, secret->reveal().size(), mask);
  }
  return text;
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

std::string text_of(fictive::error const& error, fictive::credentials const& credentials) {
  std::string text = std::string(to_string(error.code)) + ": " + error.message + '\n';
  auto const add = [&](std::string_view label, std::string const& value) {
    if (!value.empty()) text.append("  ").append(label).append(": ").append(printable(value)) += '\n';
  };
  add("cause", error.cause ? error.cause.message() : "");
  add("HTTP status", error.status != 0 ? std::to_string(error.status) : "");
  add("server message", without_secrets(error.server_message, credentials));
  add("request id", without_secrets(error.request_id, credentials));
  add("retry after (s)", error.retry_after ? std::to_string(error.retry_after->count()) : "");
  return text.append(advice_on(error.effect)) += '\n';
}

json::value value_of(std::string_view text) {
  return json::string(text.data(), text.size());
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

json::object object_of(fictive::error const& error, fictive::credentials const& credentials) {
  return {{"error",
           {{"code", to_string(error.code)},
            {"effect", value_of(name_of(error.effect))},
            {"status", error.status},
            {"message", error.message},
            {"server_message", without_secrets(error.server_message, credentials)},
            {"request_id", without_secrets(error.request_id, credentials)},
            {"cause", error.cause ? json::value(error.cause.message()) : json::value()},
            {"retry_after", error.retry_after ? json::value(error.retry_after->count()) : json::value()}}}};
}

/// The same JSON in ASCII, which is safe to print on a terminal.
std::string in_ascii(std::string_view text) {
  std::string ascii;
  auto const append_escaped = [&](char32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    ascii += "\\u";
    for (unsigned shift = 16; shift > 0; shift -= 4) ascii += digits[(unit >> (shift - 4)) & 0xFu];
  };
  while (!text.empty()) {
    auto const [value, size] = first_code_point(text);
    if (size == 0)
      append_escaped(0xFFFD);
    else if (value < 0x7F)
      ascii += text.front();
    else if (value < 0x10000)
      append_escaped(value);
    else {
      append_escaped(0xD800 + ((value - 0x10000) >> 10));
      append_escaped(0xDC00 + ((value - 0x10000) & 0x3FFu));
    }
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return ascii;
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
  if (!outcome) return text_of(outcome.error(), job.config.credentials);
  return table_of(*outcome) + '\n' + summary_of(job, *outcome);
}

std::string to_json(job const& job, invite_outcome const& outcome) {
  auto const object = outcome ? object_of(job, *outcome) : object_of(outcome.error(), job.config.credentials);
  return in_ascii(json::serialize(object)) + '\n';
}

}  // namespace examples
