// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_IMPL_ERROR_IPP
#define FICTIVE_IMPL_ERROR_IPP

#include <fictive/error.hpp>

#include <memory>
#include <string>
#include <utility>

namespace fictive {

FICTIVE_DECL std::string to_string(error const& e) {
  std::string text = to_string(e.code);
  text.append(" (effect: ").append(to_string(e.effect));
  if (e.status != 0) text.append(", status: ").append(std::to_string(e.status));
  if (e.cause) {
    text.append(", cause: ").append(e.cause.category().name()).append(":").append(std::to_string(e.cause.value()));
    text.append(" ").append(e.cause.message());
  }
  if (e.attempts != 0) text.append(", attempts: ").append(std::to_string(e.attempts));
  if (e.retry_after) text.append(", retry after: ").append(std::to_string(e.retry_after->count())).append(" s");
  text += ')';
  if (!e.message.empty()) text.append(": ").append(e.message);
  return text;
}

FICTIVE_DECL exception::exception(fictive::error e)
    : std::system_error(make_error_code(e.code)), contents_(new contents(std::move(e))) {}

FICTIVE_DECL char const* exception::what() const noexcept {
  return contents_->text.c_str();
}

FICTIVE_DECL void throw_exception_from_error(error const& e, boost::source_location const&) {
#if defined(BOOST_NO_EXCEPTIONS)
  boost::throw_exception(exception(e));  // which the program defines
#else
  throw exception(e);
#endif
}

}  // namespace fictive

#endif
