// A transport waits for the response and returns it.
// expect: converts_to_result_of_http_response

#include <fictive/fictive.hpp>

struct returns_nothing {
  void operator()(fictive::http_request const& request, fictive::stop_token stop) const;
};

fictive::client client{returns_nothing{}, fictive::client_config{}};
