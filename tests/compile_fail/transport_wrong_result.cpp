// A transport returns a response or an error, not a body.
// expect: converts_to_result_of_http_response

#include <fictive/fictive.hpp>

#include <string>

struct returns_a_body {
  std::string operator()(fictive::http_request const& request) const;
};

fictive::client client{returns_a_body{}, fictive::client_config{}};
