// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_ERROR_TEXT_HPP
#define FICTIVE_EXAMPLES_ERROR_TEXT_HPP

#include <fictive/credentials.hpp>
#include <fictive/error.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>
#include <string_view>

// Errors as text and as JSON.

namespace examples {

/// The text with a mask for each of these secrets: the service's messages may repeat them.
[[nodiscard]] std::string without_secrets(std::string text, fictive::credentials const& credentials);

/// An error in several lines. The service's texts are made printable, secrets are masked.
[[nodiscard]] std::string text_of(fictive::error const& error, fictive::credentials const& credentials);

/// The same as JSON.
[[nodiscard]] boost::json::object object_of(fictive::error const& error, fictive::credentials const& credentials);

/// A text as JSON.
[[nodiscard]] boost::json::value value_of(std::string_view text);

/// The same JSON in ASCII, which is safe to print on a terminal.
[[nodiscard]] std::string in_ascii(std::string_view json);

}  // namespace examples

#endif
