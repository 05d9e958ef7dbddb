// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_IMPL_RESPONSE_READER_IPP
#define FICTIVE_BEAST_DETAIL_IMPL_RESPONSE_READER_IPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/beast/detail/response_reader.hpp>

#include <boost/beast/http/error.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace FICTIVE_BEAST_NAMESPACE::detail {

FICTIVE_DECL response_reader::response_reader(http_limits const& limits) : max_header_bytes_(limits.max_header_bytes) {
  eager(true);
  header_limit(static_cast<std::uint32_t>(
      (std::min<std::size_t>)(limits.max_header_bytes, (std::numeric_limits<std::uint32_t>::max)())));
  body_limit(static_cast<std::uint64_t>(limits.max_body_bytes));
}

FICTIVE_DECL std::size_t response_reader::parse(asio::const_buffer received, error_code& ec) {
  // Beast before 1.90 asserts that the last chunk does not arrive in smaller pieces. Until its line is consumed, at
  // least as much follows in any case.
  constexpr auto last_chunk = std::string_view("0\r\n\r\n").size();
  if (is_header_done() && chunked() && !has_last_chunk_ && received.size() < last_chunk) {
    ec = http::error::need_more;
    return 0;
  }
  constexpr auto before_blank = std::string_view("HTTP/1.1 200").size();
  bool const lacks_blank = !has_status_line_ && received.size() > before_blank &&
                           static_cast<char const*>(received.data())[before_blank] == '\r';
  auto const consumed = lacks_blank ? put_with_blank(received, ec) : put(received, ec);
  // Newer versions of Beast have a limit of their own for a chunk's line, of 8 KiB.
  constexpr std::size_t too_long_for_beast = 4096;
  if (ec == http::error::bad_chunk_extension && received.size() - consumed >= too_long_for_beast)
    ec = http::error::header_limit;
  if (ec == http::error::need_more) {
    if (received.size() - consumed > max_header_bytes_) ec = http::error::header_limit;
  } else if (ec && ec != http::error::header_limit && has_last_chunk_) {
    has_bad_trailers_ = true;  // the response is complete all the same
    ec = {};
  }
  return consumed;
}

FICTIVE_DECL std::size_t response_reader::put_with_blank(asio::const_buffer received, error_code& ec) {
  std::string line(static_cast<char const*>(received.data()), received.size());
  line.insert(std::string_view("HTTP/1.1 200").size(), 1, ' ');
  auto const consumed = put(asio::buffer(line), ec);
  return consumed == 0 ? 0 : consumed - 1;
}

FICTIVE_DECL bool response_reader::is_reusable() const {
  bool const is_disputable = has_transfer_encoding_ && (!is_http_1_1_ || has_content_length_);
  return is_done() && keep_alive() && !is_disputable && response.status != 204 && response.status != 304;
}

FICTIVE_DECL void response_reader::on_response_impl(int status, text reason, int version, error_code& ec) {
  has_status_line_ = true;
  is_http_1_1_ = version == 11;
  if (status < 100) ec = http::error::bad_status;
  response.status = status;
  response.headers.reserve(8);
  header_bytes_ = reason.size() + std::string_view("HTTP/1.1 200 \r\n\r\n").size();
}

FICTIVE_DECL void response_reader::on_field_impl(http::field field, text name, text value, error_code& ec) {
  count(name.size() + value.size() + std::string_view(": \r\n").size(), ec);
  if (ec || is_header_done_) return;
  has_transfer_encoding_ |= field == http::field::transfer_encoding;
  has_content_length_ |= field == http::field::content_length;
  response.headers.push_back({std::string(name.data(), name.size()), std::string(value.data(), value.size())});
}

FICTIVE_DECL void response_reader::on_header_impl(error_code&) {
  is_header_done_ = true;
  header_bytes_ = 0;  // from here on, counts the trailers
}

FICTIVE_DECL void response_reader::on_body_init_impl(boost::optional<std::uint64_t> const& size, error_code&) {
  constexpr std::uint64_t max_reserved = 1024 * 1024;  // the announced size may be wrong
  if (size) response.body.reserve(static_cast<std::size_t>((std::min)(*size, max_reserved)));
}

FICTIVE_DECL std::size_t response_reader::on_body_impl(text part, error_code&) {
  response.body.append(part.data(), part.size());
  return part.size();
}

FICTIVE_DECL void response_reader::on_chunk_header_impl(std::uint64_t size, text extensions, error_code& ec) {
  has_last_chunk_ = size == 0;
  if (extensions.size() > max_header_bytes_) ec = http::error::header_limit;
}

FICTIVE_DECL void response_reader::count(std::size_t bytes, error_code& ec) {
  header_bytes_ += bytes;
  if (header_bytes_ > max_header_bytes_) ec = http::error::header_limit;
}

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
