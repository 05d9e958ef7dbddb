#ifndef FICTIVE_TESTS_SHARED_OBJECTS_PLUG_IN_HPP
#define FICTIVE_TESTS_SHARED_OBJECTS_PLUG_IN_HPP

#include <fictive/fictive.hpp>

#include <system_error>

namespace shared_objects {

/// How the plug-in's transport fails.
enum class failure : int { connection_refused, connection_reset, timed_out, cancelled, certificate_not_accepted };

using send_function = void(failure, fictive::http_request const&, fictive::result<fictive::http_response>&);
using parse_function = void(fictive::http_response const&, fictive::result<fictive::http_response>&);
using throw_function = void(fictive::error const&);
using category_function = std::error_category const*();

}  // namespace shared_objects

#endif
