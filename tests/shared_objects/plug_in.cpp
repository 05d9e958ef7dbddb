#include "plug_in.hpp"

#include <fictive/fictive.hpp>

#include <string>
#include <system_error>

#define EXPORTED extern "C" __attribute__((visibility("default")))

namespace {

/// A category that exists only in the plug-in, as that of an HTTP library does.
class certificate_category : public std::error_category {
 public:
  [[nodiscard]] char const* name() const noexcept override { return "plug-in"; }
  [[nodiscard]] std::string message(int) const override { return "certificate not accepted"; }
  [[nodiscard]] std::error_condition default_error_condition(int) const noexcept override {
    return std::errc::permission_denied;
  }
};

fictive::error error_of(shared_objects::failure how) {
  static certificate_category const certificates;
  using enum shared_objects::failure;
  switch (how) {
    case connection_refused:
      return fictive::transport_error(std::make_error_code(std::errc::connection_refused), fictive::effect::none);
    case connection_reset: return fictive::transport_error(std::make_error_code(std::errc::connection_reset));
    case timed_out: return fictive::transport_error(std::make_error_code(std::errc::timed_out), fictive::effect::none);
    case cancelled:
      return fictive::transport_error(std::make_error_code(std::errc::operation_canceled), fictive::effect::none);
    case certificate_not_accepted: break;
  }
  return fictive::transport_error(std::error_code(1, certificates), fictive::effect::none);
}

}  // namespace

/// A transport that always fails.
EXPORTED void plug_in_send(shared_objects::failure how, fictive::http_request const&,
                           fictive::result<fictive::http_response>& reply) {
  reply = error_of(how);
}

/// The error that the plug-in's parser makes of a response.
EXPORTED void plug_in_parse(fictive::http_response const& response, fictive::result<fictive::http_response>& reply) {
  reply = fictive::parse_invite_response({}, response).error();
}

EXPORTED std::error_category const* plug_in_category() {
  return &fictive::make_error_code(fictive::errc::conflict).category();
}

EXPORTED void plug_in_throw(fictive::error const& e) {
  (void)fictive::result<int>(e).value();
}
