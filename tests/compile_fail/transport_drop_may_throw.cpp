// A client cannot report its outcome if dropping connections throws.
// expect: drop_idle_connections(std::string_view) must be noexcept

#include <fictive/fictive.hpp>

#include <string_view>

struct may_throw {
  fictive::http_response operator()(fictive::http_request const& request) const;
  void drop_idle_connections(std::string_view url);
};

auto const reply = fictive::client{may_throw{}, fictive::client_config{}}.invite({});
