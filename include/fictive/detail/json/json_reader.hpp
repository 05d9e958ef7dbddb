// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_DETAIL_JSON_JSON_READER_HPP
#define FICTIVE_DETAIL_JSON_JSON_READER_HPP

#include <fictive/config.hpp>

#include <cstddef>
#include <string_view>
#include <system_error>

namespace fictive::detail {

/// The deepest nesting of a document. The parser is recursive: a level takes 64 bytes of the stack (g++ 12, -O2), or
/// 176 without optimization.
inline constexpr std::size_t max_json_depth = 512;

/// What a handler does with a token.
enum class json_action : unsigned char {
  take,
  skip,    ///< of a name: its value is skipped; of the begin of an object or array: the rest of it is
  refuse,  ///< ends the parsing
};

/// Receives the tokens of a document: complete strings only, and none of a skipped value. A view is valid during the
/// call. An interface, so that Boost.JSON's parser is compiled once and not for each reader.
class json_handler {
 public:
  virtual json_action begin_object() = 0;
  virtual json_action end_object() = 0;
  virtual json_action begin_array() = 0;
  virtual json_action end_array() = 0;
  virtual json_action key(std::string_view name) = 0;
  virtual json_action string(std::string_view text) = 0;
  virtual json_action null() = 0;
  virtual json_action other(std::string_view text) = 0;  ///< a number, `true` or `false`, as in the document

 protected:
  ~json_handler() = default;
};

/// Parses one JSON document. The error is Boost.JSON's if the text is not JSON (RFC 8259, UTF-8, at most
/// `max_json_depth` levels, one value and nothing after it), and `std::errc::bad_message` if the handler refused a
/// token. Of the exponent of a number, the digits behind the ninth may be left out.
std::error_code read_json(std::string_view text, json_handler& handler);

/// Describes the parser's error. For a refused token, the handler has the reason.
char const* json_problem(std::error_code const& cause) noexcept;

}  // namespace fictive::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/detail/json/impl/json_reader.ipp>
#endif

#endif
