// A transport is called with the request; an object that cannot be called is none.
// expect: callable_with_http_request

#include <fictive/fictive.hpp>

struct not_callable {};

fictive::client client{not_callable{}, fictive::client_config{}};
