// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_BEAST_DETAIL_RESPONSE_READER_HPP
#define FICTIVE_BEAST_DETAIL_RESPONSE_READER_HPP

#include <fictive/beast/detail/namespace.hpp>
#include <fictive/config.hpp>
#include <fictive/http.hpp>

#include <boost/beast/core/error.hpp>
#include <boost/beast/core/string_type.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/optional/optional.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

namespace FICTIVE_BEAST_NAMESPACE::detail {

namespace http = boost::beast::http;

/// Beast's parser, writing straight into a response of ours.
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

 private:
  using text = boost::beast::string_view;
  using error_code = boost::beast::error_code;

  void on_request_impl(http::verb, text, text, int, error_code&) override {}  // of the other kind of messages

  void on_response_impl(int status, text reason, int, error_code&) override {
    response.status = static_cast<unsigned>(status);
    response.headers.reserve(8);
    header_bytes_ = reason.size() + std::string_view("HTTP/1.1 200 \r\n\r\n").size();
  }

  void on_field_impl(http::field, text name, text value, error_code&) override {
    header_bytes_ += name.size() + value.size() + std::string_view(": \r\n").size();
    response.headers.push_back({std::string(name.data(), name.size()), std::string(value.data(), value.size())});
  }

  /// Beast's own limit is of what arrives at once: it bounds the memory, not the sum.
  void on_header_impl(error_code& ec) override {
    if (header_bytes_ > max_header_bytes_) ec = http::error::header_limit;
  }

  void on_body_init_impl(boost::optional<std::uint64_t> const& size, error_code&) override {
    constexpr std::uint64_t believed = 1024 * 1024;  // before any of it is there
    if (size) response.body.reserve(static_cast<std::size_t>((std::min)(*size, believed)));
  }

  std::size_t on_body_impl(text part, error_code&) override {
    response.body.append(part.data(), part.size());
    return part.size();
  }

  void on_chunk_header_impl(std::uint64_t, text, error_code&) override {}

  std::size_t on_chunk_body_impl(std::uint64_t, text part, error_code& ec) override { return on_body_impl(part, ec); }

  void on_finish_impl(error_code&) override {}

  std::size_t max_header_bytes_;
  std::size_t header_bytes_ = 0;
};

}  // namespace FICTIVE_BEAST_NAMESPACE::detail

#endif
