// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_TEXT_PRINTABLE_HPP
#define FICTIVE_DETAIL_TEXT_PRINTABLE_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace fictive::detail {

/// Text from the network, made fit to be shown: one line of at most `max_size` bytes of printable UTF-8. Each run of
/// white space and unprintable characters becomes a space, each ill-formed byte U+FFFD; "..." marks a cut end.
std::string printable(std::string_view text, std::size_t max_size);

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/text/impl/printable.ipp>
#endif

#endif
