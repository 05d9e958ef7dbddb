// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_INVITE_ENDPOINT_IPP
#define FICTIVE_IMPL_INVITE_ENDPOINT_IPP

#include <fictive/date_time.hpp>
#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/outcomes.hpp>
#include <fictive/detail/http/request_builder.hpp>
#include <fictive/detail/invite_response_reader.hpp>
#include <fictive/detail/json/json_reader.hpp>
#include <fictive/detail/json/json_writer.hpp>
#include <fictive/detail/refusal.hpp>
#include <fictive/detail/text/repeated_address.hpp>
#include <fictive/detail/text/text_problem.hpp>
#include <fictive/detail/unaccounted_addresses.hpp>
#include <fictive/invite_endpoint.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace fictive {

namespace detail {

/// {"expiryDate":"…","subscriptionReferences":[…],"emailAddresses":[…]}, what is not set left out. Empty if one of the
/// lists is unfit to send.
FICTIVE_DECL std::string invites_body(invite_request const& request) {
  constexpr std::string_view expiry_date = R"("expiryDate":")", after_expiry_date = R"(",)",
                             subscriptions = R"("subscriptionReferences":)", addresses = R"("emailAddresses":)";
  char text[date_time::max_text_size];
  std::string_view expiry;
  if (request.expiry_date) expiry = {text, static_cast<std::size_t>(request.expiry_date->to_chars(text) - text)};

  std::size_t size = 1 + addresses.size() + json_writer::size_of(request.email_addresses) + 1;
  if (request.expiry_date) size += expiry_date.size() + expiry.size() + after_expiry_date.size();
  if (!request.subscription_references.empty())
    size += subscriptions.size() + json_writer::size_of(request.subscription_references) + 1;

  json_writer body(size);
  body.raw("{");
  if (request.expiry_date) {
    body.raw(expiry_date);
    body.raw(expiry);
    body.raw(after_expiry_date);
  }
  if (!request.subscription_references.empty()) {
    body.raw(subscriptions);
    if (!body.list(request.subscription_references, identifier_problem)) return {};
    body.raw(",");
  }
  body.raw(addresses);
  if (!body.list(request.email_addresses, address_problem)) return {};
  body.raw("}");
  return std::move(body).take();
}

FICTIVE_DECL std::string lists_problem(invite_request const& request) {
  auto problem = list_problem("email_addresses", request.email_addresses, address_problem);
  return problem.empty() ? list_problem("subscription_references", request.subscription_references, identifier_problem)
                         : problem;
}

FICTIVE_DECL std::string count_problem(client_config const& config, std::size_t addresses) {
  if (addresses == 0) return "email_addresses is empty: give at least one address to invite";
  auto const most = config.max_addresses_per_request;
  if (most == 0) return "max_addresses_per_request is 0: set how many addresses a request may have";
  if (addresses <= most) return {};
  return "email_addresses has " + std::to_string(addresses) + " elements, more than max_addresses_per_request (" +
         std::to_string(most) + "): send them with invite_all, or split the list";
}

FICTIVE_DECL std::string repetition_problem(address_repetition const& repetition) {
  auto const element = [](std::size_t index) { return "email_addresses[" + std::to_string(index) + "]"; };
  return element(repetition.second) + " is the same address as " + element(repetition.first) +
         ", which would be invited twice: remove one of them";
}

}  // namespace detail

FICTIVE_DECL result<http_request> make_invite_request(client_config const& config, invite_request const& request) {
  http_request made;
  if (auto problem = invite_endpoint::make(config, request, made); !problem.empty())
    return detail::refused(std::move(problem));
  return made;
}

FICTIVE_DECL std::string invite_endpoint::make(client_config const& config, invite_request const& request,
                                               http_request& out) {
  auto const& group = request.account_group_token;
  if (auto problem = detail::segment_problem("account_group_token", group); !problem.empty()) return problem;
  if (auto problem = detail::count_problem(config, request.email_addresses.size()); !problem.empty()) return problem;
  out.body = detail::invites_body(request);
  if (out.body.empty()) return detail::lists_problem(request);
  if (auto const repetition = detail::find_repeated_address(request.email_addresses))
    return detail::repetition_problem(repetition);
  out.method = "POST";
  out.url = detail::url_of(config.base_url, route, group);
  return detail::complete_request(config, out);
}

FICTIVE_DECL result<invite_response> parse_invite_response(invite_request const& request, http_response const& response,
                                                           std::size_t max_body_bytes) {
  if (!detail::is_success(response.status)) return detail::parse_refusal(response);
  error unreadable;
  if (detail::is_unreadable_success(response, max_body_bytes, unreadable)) return unreadable;

  detail::invite_response_reader reader(response.body);
  if (auto const cause = detail::read_json(response.body, reader))
    return detail::malformed_success(response, reader.problem() ? reader.problem() : detail::json_problem(cause),
                                     cause);
  if (!reader.names_list())
    return detail::unexpected_success(response,
                                      "the response has neither validInvitations nor invalidEmailAddresses; whether "
                                      "anybody was invited is not known");

  auto reply = std::move(reader).take();
  reply.unaccounted_email_addresses = detail::unaccounted_addresses(request.email_addresses, reply);
  bool const names_nobody = reply.valid_invitations.empty() && reply.invalid_email_addresses.empty();
  if (!names_nobody && reply.unaccounted_email_addresses.size() == request.email_addresses.size())
    return detail::response_error(response, errc::malformed_response, effect::unknown,
                                  "the response names only addresses that were not requested, so it answers another "
                                  "call; whether this call invited anybody is not known");
  return reply;
}

}  // namespace fictive

#endif
