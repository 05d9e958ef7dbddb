#ifndef FICTIVE_TESTS_DIFFERENTIAL_CONTRACT_HPP
#define FICTIVE_TESTS_DIFFERENTIAL_CONTRACT_HPP

#include <fictive/fictive.hpp>

#include "differential/date_text.hpp"
#include "differential/document.hpp"

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// A second reading of the service's contract, on a document that is complete: slow, simple, and without a line of the
// library's parser. `difference` compares it with the library's.

namespace differential {

using fictive::effect;
using fictive::errc;

/// What a response says: an answer, or a failure.
struct reading {
  bool is_answer = false;
  fictive::invite_response answer = {};
  errc code = errc::malformed_response;
  fictive::effect effect = effect::applied;
  bool effect_may_be_unknown = false;  ///< instead of none
  bool is_decided = true;
};

inline std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

inline std::string trimmed(std::string const& text) {
  auto const first = text.find_first_not_of(" \t\r\n");
  return first == std::string::npos ? std::string() : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

inline std::string const* header_of(fictive::http_response const& response, std::string const& name) {
  auto const at = std::find_if(response.headers.begin(), response.headers.end(),
                               [&](auto const& header) { return lower(header.name) == lower(name); });
  return at == response.headers.end() ? nullptr : &at->value;
}

// --- The body of a success -------------------------------------------------------------------------------------------

/// Thrown for what the contract cannot be read from.
struct malformed {};

/// The elements of a list, which may be wrapped as JSON.NET does it. Null if the value is no list.
inline value const* elements_of(value const& list) {
  if (list.kind == kind::array) return &list;
  if (list.kind != kind::object) return nullptr;
  value const* found = nullptr;
  for (std::size_t i = 0; i < list.names.size(); ++i) {
    if (lower(list.names[i]) != "$values" || list.values[i].kind == kind::null) continue;
    if (list.values[i].kind != kind::array || found) throw malformed();
    found = &list.values[i];
  }
  if (!found) throw malformed();
  return found;
}

inline void read_subscriptions(value const& from, std::vector<std::string>& to) {
  auto const take = [&to](value const& list) {
    to.clear();
    for (auto const& one : list.values)
      if (one.kind == kind::string) to.push_back(one.text);
  };
  if (from.kind == kind::array) take(from);
  if (from.kind != kind::object) return;
  for (std::size_t i = 0; i < from.names.size(); ++i)
    if (lower(from.names[i]) == "$values" && from.values[i].kind == kind::array) take(from.values[i]);
}

/// Nothing if it refers to an invitation that was listed before.
inline std::optional<fictive::invitation> read_invitation(value const& from) {
  fictive::invitation to;
  unsigned references = 0, addresses = 0;
  bool is_repetition = false;
  auto const required = [](value const& v, std::string& text, unsigned& count) {
    if (v.kind == kind::null) return;
    if (v.kind != kind::string || ++count > 1) throw malformed();
    text = v.text;
  };
  for (std::size_t i = 0; i < from.names.size(); ++i) {
    auto const name = lower(from.names[i]);
    auto const& v = from.values[i];
    if (name == "invitationreference") required(v, to.invitation_reference, references);
    if (name == "emailaddress") required(v, to.email_address, addresses);
    if (name == "status" && (v.kind == kind::string || v.kind == kind::other))
      to.status = fictive::invitation_status(v.text);
    if (name == "subscriptionreferences") read_subscriptions(v, to.subscription_references);
    if (v.kind != kind::string) continue;
    if (name == "$ref") is_repetition = true;
    if (name == "expirydate") to.expiry_date = read_service_time(v.text);
    if (name == "created") to.created = read_service_time(v.text);
    if (name == "lastupdated") to.last_updated = read_service_time(v.text);
  }
  if (is_repetition && references + addresses == 0) return std::nullopt;
  if (references == 0 || addresses == 0) throw malformed();
  return to;
}

/// The lists of the response; whether it has at least one of them.
inline bool read_lists(value const& root, fictive::invite_response& to) {
  if (root.kind != kind::object) throw malformed();
  unsigned invited = 0, rejected = 0;
  bool is_named = false;
  for (std::size_t i = 0; i < root.names.size(); ++i) {
    auto const name = lower(root.names[i]);
    if (name != "validinvitations" && name != "invalidemailaddresses") continue;
    is_named = true;
    if (root.values[i].kind == kind::null) continue;
    auto const* list = elements_of(root.values[i]);
    if (!list || ++(name == "validinvitations" ? invited : rejected) > 1) throw malformed();
    for (auto const& one : list->values) {
      if (name == "validinvitations" && one.kind == kind::object) {
        if (auto invitation = read_invitation(one)) to.valid_invitations.push_back(*std::move(invitation));
      } else if (name == "invalidemailaddresses" && one.kind == kind::string) {
        to.invalid_email_addresses.push_back(one.text);
      }
    }
  }
  return is_named;
}

/// The requested addresses that no entry accounts for, lower case and sorted: which of two that differ in case is left
/// does not matter.
inline std::vector<std::string> missing_addresses(std::vector<std::string> requested,
                                                  fictive::invite_response const& answer) {
  std::vector<std::string> named = answer.invalid_email_addresses;
  for (auto const& one : answer.valid_invitations) named.push_back(one.email_address);
  for (auto const by :
       {+[](std::string text) { return text; }, +[](std::string text) { return lower(std::move(text)); }}) {
    std::multimap<std::string, std::size_t> entries;
    for (std::size_t i = 0; i < named.size(); ++i) entries.emplace(by(named[i]), i);
    std::vector<std::string> left;
    std::vector<bool> is_used(named.size());
    for (auto const& address : requested) {
      auto const at = entries.find(by(address));
      if (at == entries.end()) {
        left.push_back(address);
        continue;
      }
      is_used[at->second] = true;
      entries.erase(at);
    }
    std::vector<std::string> unused;
    for (std::size_t i = 0; i < named.size(); ++i)
      if (!is_used[i]) unused.push_back(named[i]);
    requested = std::move(left);
    named = std::move(unused);
  }
  for (auto& address : requested) address = lower(std::move(address));
  std::sort(requested.begin(), requested.end());
  return requested;
}

// --- Responses -------------------------------------------------------------------------------------------------------

inline bool begins_object(std::string body) {
  if (body.starts_with("\xEF\xBB\xBF")) body.erase(0, 3);
  return trimmed(body).starts_with('{');
}

inline bool is_labelled_json(fictive::http_response const& response) {
  auto const* type = header_of(response, "content-type");
  if (!type) return false;
  auto media = trimmed(lower(*type));
  media = media.substr(0, media.find_first_of("; \t,"));
  return media == "application/json" || media == "text/json" || (media.size() > 5 && media.ends_with("+json"));
}

inline bool is_compressed(fictive::http_response const& response) {
  if (response.body.starts_with("\x1f\x8b")) return true;
  auto const* codings = header_of(response, "content-encoding");
  if (!codings) return false;
  std::string const text = lower(*codings) + ",";
  for (std::size_t begin = 0; begin < text.size();) {
    auto const end = text.find(',', begin);
    auto const one = trimmed(text.substr(begin, end - begin));
    for (char const* coding : {"gzip", "x-gzip", "deflate", "compress", "x-compress", "br", "zstd", "dcb", "dcz"})
      if (one == coding) return true;
    begin = end + 1;
  }
  return false;
}

inline reading failure(errc code, fictive::effect did) {
  return {.code = code, .effect = did};
}

inline reading read_status(fictive::http_response const& response) {
  auto const status = response.status;
  auto const is_one_of = [status](auto... all) { return ((status == all) || ...); };
  if (is_one_of(304, 305, 307, 308)) return failure(errc::unexpected_status, effect::none);
  if (status >= 300 && status < 400) return failure(errc::unexpected_status, effect::unknown);
  if (is_one_of(400, 412, 413, 415, 422)) return failure(errc::invalid_request, effect::none);
  if (is_one_of(401, 403)) return failure(errc::not_authenticated, effect::none);
  if (is_one_of(404)) return failure(errc::not_found, effect::none);
  if (is_one_of(409)) return failure(errc::conflict, effect::none);
  if (is_one_of(429)) return failure(errc::too_many_requests, effect::none);
  if (is_one_of(499)) return failure(errc::unexpected_status, effect::unknown);
  if (status >= 400 && status < 500) return failure(errc::unexpected_status, effect::none);
  if (status >= 500 && status < 600) {
    auto const* delay = header_of(response, "retry-after");
    bool const is_paused = status == 503 && delay && is_delay(*delay);
    return failure(errc::server_error, is_paused ? effect::none : effect::unknown);
  }
  return failure(errc::unexpected_status, effect::unknown);
}

/// Whether a list has an element, whatever that is.
inline bool has_element(value const& list) {
  if (list.kind == kind::array) return !list.values.empty();
  for (std::size_t i = 0; i < list.names.size(); ++i)
    if (lower(list.names[i]) == "$values" && list.values[i].kind == kind::array && !list.values[i].values.empty())
      return true;
  return false;
}

/// A failure that lists an invitation may have invited somebody.
inline reading read_failure(fictive::http_response const& response) {
  auto failed = read_status(response);
  if (failed.effect != effect::none || !begins_object(response.body)) return failed;
  auto const read = read_document(response.body);
  failed.effect_may_be_unknown = read.verdict != verdict::is_json || read.depth > 512;
  if (failed.effect_may_be_unknown) return failed;
  for (std::size_t i = 0; i < read.root.names.size(); ++i)
    if (lower(read.root.names[i]) == "validinvitations" && has_element(read.root.values[i]))
      failed.effect = effect::unknown;
  return failed;
}

inline reading read_response(fictive::invite_request const& request, fictive::http_response const& response) {
  if (response.status < 200 || response.status > 299) return read_failure(response);
  bool const is_empty = trimmed(response.body).empty();
  bool const is_meant =
      is_labelled_json(response) || begins_object(response.body) || (is_empty && !header_of(response, "content-type"));
  if (is_empty || is_compressed(response) || !is_meant)
    return failure(errc::malformed_response, is_meant ? effect::applied : effect::unknown);

  auto const read = read_document(response.body);
  if (read.verdict == verdict::is_not_decided) return {.is_decided = false};
  auto const lost = failure(errc::malformed_response, effect::applied);
  if (read.verdict != verdict::is_json || read.depth > 512) return lost;
  reading all{.is_answer = true};
  try {
    if (!read_lists(read.root, all.answer)) return failure(errc::malformed_response, effect::unknown);
  } catch (malformed const&) {
    return lost;
  }
  all.answer.unaccounted_email_addresses = missing_addresses(request.email_addresses, all.answer);
  bool const names_somebody = !all.answer.valid_invitations.empty() || !all.answer.invalid_email_addresses.empty();
  if (names_somebody && all.answer.unaccounted_email_addresses.size() == request.email_addresses.size())
    return failure(errc::malformed_response, effect::unknown);
  return all;
}

// --- The comparison --------------------------------------------------------------------------------------------------

inline char const* difference(fictive::invitation const& ours, fictive::invitation const& theirs) {
  if (ours.invitation_reference != theirs.invitation_reference) return "an invitation's reference";
  if (ours.email_address != theirs.email_address) return "an invitation's address";
  bool const is_zero = ours.status.text() == "-0" && theirs.status.text() == "0";  // the integer of nlohmann/json
  if (ours.status != theirs.status && !is_zero) return "an invitation's status";
  if (ours.subscription_references != theirs.subscription_references) return "an invitation's subscriptions";
  if (ours.expiry_date != theirs.expiry_date) return "an invitation's expiry date";
  if (ours.created != theirs.created || ours.last_updated != theirs.last_updated) return "an invitation's times";
  return nullptr;
}

/// In what the library's reading of a response differs; null if it does not.
inline char const* difference(fictive::result<fictive::invite_response> const& ours, reading const& theirs) {
  if (!theirs.is_decided) return nullptr;
  if (ours.has_value() != theirs.is_answer) return theirs.is_answer ? "it is an answer" : "it is a failure";
  if (!ours) {
    auto const& e = ours.error();
    if (e.code != theirs.code) return "the code";
    bool const may_differ = theirs.effect_may_be_unknown && e.effect == effect::unknown;
    return e.effect == theirs.effect || may_differ ? nullptr : "the effect";
  }
  auto const& answer = theirs.answer;
  if (ours->valid_invitations.size() != answer.valid_invitations.size()) return "the number of invitations";
  for (std::size_t i = 0; i < answer.valid_invitations.size(); ++i)
    if (auto const* what = difference(ours->valid_invitations[i], answer.valid_invitations[i])) return what;
  if (ours->invalid_email_addresses != answer.invalid_email_addresses) return "the rejected addresses";
  auto missing = ours->unaccounted_email_addresses;
  for (auto& address : missing) address = lower(std::move(address));
  std::sort(missing.begin(), missing.end());
  return missing == answer.unaccounted_email_addresses ? nullptr : "the unaccounted addresses";
}

}  // namespace differential

#endif
