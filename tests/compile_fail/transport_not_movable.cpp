// A client owns its transport; one that cannot be moved is given as std::ref.
// expect: move_constructible

#include <fictive/fictive.hpp>

struct not_movable {
  not_movable() = default;
  not_movable(not_movable const&) = delete;
  fictive::http_response operator()(fictive::http_request const& request) const;
};

fictive::client<not_movable> client{{}, fictive::client_config{}};
