// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_TEXT_PROBLEM_HPP
#define FICTIVE_DETAIL_TEXT_TEXT_PROBLEM_HPP

#include <fictive/config.hpp>

#include <string_view>

// The rule for all text that the caller gives. A problem is a text that follows the field's name, as in " is empty: it
// is required". It never repeats the text that it is about.

namespace fictive::detail {

/// A function that returns the problem of a text; empty if there is none.
using text_check = std::string_view (*)(std::string_view text) noexcept;

/// The problem of a text that is not UTF-8, contains a control character, an invisible character or white space other
/// than U+0020, or begins or ends with a space. An empty text has none.
std::string_view text_problem(std::string_view text) noexcept;

/// The same for an identifier that is copied from elsewhere, which must not begin or end with a quotation mark either.
std::string_view identifier_problem(std::string_view text) noexcept;

/// The same for an email address, which may begin with a quoted local part. It must be exactly one, without a display
/// name. Whether its syntax is valid is the service's to decide.
std::string_view address_problem(std::string_view text) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/text/impl/text_problem.ipp>
#endif

#endif
