#ifndef FICTIVE_BENCHMARK_BUILD_LIBRARIES_HPP
#define FICTIVE_BENCHMARK_BUILD_LIBRARIES_HPP

#include <fictive/invite.hpp>

#include <string>

namespace benchmarks {

// The body of the same request, written with other libraries as their documentation would.

std::string write_with_boost(fictive::invite_request const& request);
std::string write_with_nlohmann(fictive::invite_request const& request);
std::string write_with_rapidjson(fictive::invite_request const& request);

}  // namespace benchmarks

#endif
