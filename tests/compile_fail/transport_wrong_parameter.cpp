// A transport takes an http_request, not what another stack calls a request.
// expect: callable_with_http_request

#include <fictive/fictive.hpp>

#include <string>

struct takes_a_string {
  fictive::http_response operator()(std::string const& url) const;
};

fictive::client client{takes_a_string{}, fictive::client_config{}};
