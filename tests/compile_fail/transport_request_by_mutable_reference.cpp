// A transport sends the request as it is, so it gets it as const.
// expect: callable_with_http_request

#include <fictive/fictive.hpp>

struct wants_to_change_it {
  fictive::http_response operator()(fictive::http_request& request) const;
};

fictive::client client{wants_to_change_it{}, fictive::client_config{}};
