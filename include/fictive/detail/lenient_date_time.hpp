// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_LENIENT_DATE_TIME_HPP
#define FICTIVE_DETAIL_LENIENT_DATE_TIME_HPP

#include <fictive/config.hpp>
#include <fictive/date_time.hpp>

#include <string_view>

namespace fictive::detail {

/// Parses a form of a response's date-time that `date_time::try_parse` refuses: more than seven fractional digits, which
/// are truncated to the tick; an offset without its colon or its minutes; a space, `t` or `z`, which RFC 3339, section
/// 5.6, permits; and `/Date(1499442090000)/` or `/Date(1499442090000+0100)/` of older serializers of .NET: milliseconds
/// since 1970 in UTC, and the offset of the local time. Returns false and leaves `out` unchanged on failure.
bool try_parse_leniently(std::string_view text, date_time& out) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/impl/lenient_date_time.ipp>
#endif

#endif
