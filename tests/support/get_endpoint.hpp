#ifndef FICTIVE_TESTS_SUPPORT_GET_ENDPOINT_HPP
#define FICTIVE_TESTS_SUPPORT_GET_ENDPOINT_HPP

#include <fictive/fictive.hpp>
#if __has_include(<fictive/detail/http/request_builder.hpp>)  // else they are in fictive.hpp
#include <fictive/detail/http/error_response.hpp>
#include <fictive/detail/http/request_builder.hpp>
#endif

#include <boost/json/parse.hpp>

/// A safe endpoint: the number of members of an account group.
struct get_members {
  using request_type = std::string;  ///< the account group token
  using response_type = std::size_t;

  static constexpr std::string_view route = "/rest/api/accounts/groups/{accountGroupToken}/members";
  static constexpr bool is_safe = true;

  static std::string make(fictive::client_config const& config, std::string const& group, fictive::http_request& out) {
    out.method = "GET";
    out.url = fictive::detail::url_of(config.base_url, route, group);
    return fictive::detail::complete_request(config, out);
  }

  static fictive::result<std::size_t> parse(std::string const&, fictive::http_response const& response,
                                            std::size_t max_body_bytes) {
    if (!fictive::detail::is_success(response.status)) return fictive::detail::parse_error_response(response);
    fictive::error unreadable;
    if (fictive::detail::is_unreadable_success(response, max_body_bytes, unreadable)) return unreadable;
    boost::system::error_code problem;
    auto const document = boost::json::parse(response.body, problem);
    if (problem || !document.is_array())
      return fictive::detail::malformed_success(response, "it is not an array", problem);
    return document.get_array().size();
  }

  static void summarize(std::size_t members, fictive::result_event& event) noexcept { event.accepted = members; }
};

#endif
