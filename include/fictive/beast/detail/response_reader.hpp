// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_RESPONSE_READER_HPP
#define FICTIVE_BEAST_DETAIL_RESPONSE_READER_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/http.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/optional/optional.hpp>
#include <boost/system/error_code.hpp>
#include <boost/version.hpp>

#include <cstddef>
#include <cstdint>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

/// Beast's parser, writing into an `http_response`. Its own limits cover neither everything that it waits for nor
/// everything that it collects; here `max_header_bytes` does: for the header, for the line of a chunk's size, and for
/// the trailers, which are read and dropped (RFC 9110, section 6.5.1: not merged into the header). (From Boost 1.90 on,
/// Beast counts header and trailers together.) A status line without the blank after the status is accepted.
class response_reader final : public http::basic_parser<false> {
 public:
  explicit response_reader(http_limits const& limits);

  http_response response = {};

  /// Parses what has arrived, and returns how much of it was consumed. `need_more` if the message is not complete.
  std::size_t parse(asio::const_buffer received, error_code& ec);

  /// Whether the response is complete.
  [[nodiscard]] bool has_ended() const noexcept { return is_done() || has_bad_trailers_; }

  /// Whether the connection can be used for another request: not if the end of the response could be disputed (RFC
  /// 9112, sections 6.1 and 6.3), and not after 204 and 304: servers that send a body all the same send it late.
  [[nodiscard]] bool is_reusable() const;

 private:
  using text = boost::beast::string_view;

  void on_request_impl(http::verb, text, text, int, error_code&) override {}
  FICTIVE_DECL void on_response_impl(int status, text reason, int version, error_code& ec) override;
  FICTIVE_DECL void on_field_impl(http::field, text name, text value, error_code& ec) override;
#if BOOST_VERSION >= 109000  // older versions report trailers as fields
  void on_trailer_field_impl(http::field name, text name_text, text value, error_code& ec) override {
    on_field_impl(name, name_text, value, ec);
  }
#endif
  FICTIVE_DECL void on_header_impl(error_code&) override;
  FICTIVE_DECL void on_body_init_impl(boost::optional<std::uint64_t> const& size, error_code&) override;
  FICTIVE_DECL std::size_t on_body_impl(text part, error_code&) override;
  FICTIVE_DECL void on_chunk_header_impl(std::uint64_t size, text extensions, error_code& ec) override;
  std::size_t on_chunk_body_impl(std::uint64_t, text part, error_code& ec) override {
    return on_body_impl(part, ec);
  }
  void on_finish_impl(error_code&) override {}

  /// Parses a copy with a blank after the status.
  std::size_t put_with_blank(asio::const_buffer received, error_code& ec);

  /// Beast's own limit applies to what is parsed at once, not to the sum.
  void count(std::size_t bytes, error_code& ec);

  std::size_t max_header_bytes_;
  std::size_t header_bytes_ = 0;
  bool is_http_1_1_ = false;
  bool has_status_line_ = false;
  bool has_transfer_encoding_ = false;
  bool has_content_length_ = false;
  bool is_header_done_ = false;
  bool has_last_chunk_ = false;
  bool has_bad_trailers_ = false;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#if !defined(FICTIVE_SEPARATE_COMPILATION)
#include <fictive/beast/detail/impl/response_reader.ipp>
#endif

#endif
