// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_RESPONSE_READER_HPP
#define FICTIVE_BEAST_DETAIL_RESPONSE_READER_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/http.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>
#include <boost/version.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

/// Beast's parser, writing straight into a response of ours. Its own limits do not hold for all that it waits for, nor
/// for all that it collects; `max_header_bytes` does: for the header, for the line of a chunk's size, and for the
/// trailers, which are read and dropped (RFC 9110, section 6.5.1: not merged into the header).
template <class = void>
class response_reader final : public http::basic_parser<false> {
 public:
  explicit response_reader(http_limits const& limits) : max_header_bytes_(limits.max_header_bytes) {
    eager(true);
    header_limit(static_cast<std::uint32_t>(
        (std::min<std::size_t>)(limits.max_header_bytes, (std::numeric_limits<std::uint32_t>::max)())));
    body_limit(static_cast<std::uint64_t>(limits.max_body_bytes));
  }

  http_response response = {};

  /// Parses what has arrived, of which it returns how much it has consumed. `need_more` if that is not yet the whole
  /// message.
  std::size_t parse(asio::const_buffer received, error_code& ec) {
    // Beast asserts that the last chunk does not come in smaller pieces. No less can follow in any case.
    constexpr auto last_chunk = std::string_view("0\r\n\r\n").size();
    if (is_header_done() && chunked() && received.size() < last_chunk) {
      ec = http::error::need_more;
      return 0;
    }
    auto const consumed = put(received, ec);
    if (ec == http::error::need_more) {
      if (received.size() - consumed > max_header_bytes_) ec = http::error::header_limit;
    } else if (ec && ec != http::error::header_limit && has_last_chunk_) {
      has_bad_trailers_ = true;  // which do not cost the response
      ec = {};
    }
    return consumed;
  }

  /// Whether the response is whole.
  [[nodiscard]] bool has_ended() const noexcept { return is_done() || has_bad_trailers_; }

  /// Whether the connection can be used for another request.
  [[nodiscard]] bool is_reusable() const { return is_done() && keep_alive(); }

 private:
  using text = boost::beast::string_view;

  void on_request_impl(http::verb, text, text, int, error_code&) override {}  // of the other kind of messages

  void on_response_impl(int status, text reason, int, error_code& ec) override {
    if (status < 100) ec = http::error::bad_status;
    response.status = static_cast<unsigned>(status);
    response.headers.reserve(8);
    header_bytes_ = reason.size() + std::string_view("HTTP/1.1 200 \r\n\r\n").size();
  }

  void on_field_impl(http::field, text name, text value, error_code& ec) override {
    count(name.size() + value.size() + std::string_view(": \r\n").size(), ec);
    if (ec || is_header_done_) return;
    response.headers.push_back({std::string(name.data(), name.size()), std::string(value.data(), value.size())});
  }

#if BOOST_VERSION >= 109000  // before, trailers are fields
  void on_trailer_field_impl(http::field name, text name_text, text value, error_code& ec) override {
    on_field_impl(name, name_text, value, ec);
  }
#endif

  void on_header_impl(error_code&) override {
    is_header_done_ = true;
    header_bytes_ = 0;  // from here on, of the trailers
  }

  void on_body_init_impl(boost::optional<std::uint64_t> const& size, error_code&) override {
    constexpr std::uint64_t believed = 1024 * 1024;  // before any of it is there
    if (size) response.body.reserve(static_cast<std::size_t>((std::min)(*size, believed)));
  }

  std::size_t on_body_impl(text part, error_code&) override {
    response.body.append(part.data(), part.size());
    return part.size();
  }

  void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& ec) override {
    has_last_chunk_ = size == 0;
    if (extensions.size() > max_header_bytes_) ec = http::error::header_limit;
  }

  std::size_t on_chunk_body_impl(std::uint64_t, text part, error_code& ec) override {
    return on_body_impl(part, ec);
  }

  void on_finish_impl(error_code&) override {}

  /// Beast's own limit is of what is parsed at once, not of the sum.
  void count(std::size_t bytes, error_code& ec) {
    header_bytes_ += bytes;
    if (header_bytes_ > max_header_bytes_) ec = http::error::header_limit;
  }

  std::size_t max_header_bytes_;
  std::size_t header_bytes_ = 0;
  bool is_header_done_ = false;
  bool has_last_chunk_ = false;
  bool has_bad_trailers_ = false;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
