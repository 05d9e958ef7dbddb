// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_EXAMPLES_CURL_TRANSPORT_HPP
#define FICTIVE_EXAMPLES_CURL_TRANSPORT_HPP

#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace examples {

/// The category of `CURLcode`s. Maps those for a timeout, a cancellation and a rejected certificate to the standard's
/// conditions.
class curl_category final : public std::error_category {
 public:
  char const* name() const noexcept override { return "curl"; }
  std::string message(int code) const override { return curl_easy_strerror(static_cast<CURLcode>(code)); }
  std::error_condition default_error_condition(int code) const noexcept override {
    if (code == CURLE_OPERATION_TIMEDOUT) return std::errc::timed_out;
    if (code == CURLE_PEER_FAILED_VERIFICATION) return std::errc::permission_denied;
    if (code == CURLE_ABORTED_BY_CALLBACK) return std::errc::operation_canceled;
    return {code, *this};
  }
};

inline std::error_code error_code_of(CURLcode code) {
  static curl_category const category;
  return {code, category};
}

/// Collects a response, within the limits.
struct curl_reply {
  fictive::http_limits limits = {};
  fictive::http_response response = {};
  bool at_end_of_headers = false, is_too_large = false;
  std::size_t header_bytes = 0;

  /// True after the headers of the final response; interim responses (100 Continue) do not count.
  bool has_all_headers() const { return at_end_of_headers && response.status >= 200; }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* reply) noexcept {
    return static_cast<curl_reply*>(reply)->add_header({data, size}) ? size : 0;
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* reply) noexcept {
    return static_cast<curl_reply*>(reply)->add_body({data, size}) ? size : 0;
  }

 private:
  bool add_header(std::string_view line) {
    header_bytes += line.size();
    is_too_large = is_too_large || header_bytes > limits.max_header_bytes;
    line = line.substr(0, line.find_last_not_of("\r\n") + 1);
    auto const colon = line.find(':');
    if (line.starts_with("HTTP/")) {  // a response begins
      auto const space = std::min(line.find(' '), line.size());
      std::from_chars(line.data() + space + (space < line.size()), line.data() + line.size(), response.status);
      response.headers.clear();
      at_end_of_headers = false;
    } else if (line.empty()) {
      at_end_of_headers = true;
    } else if (!at_end_of_headers && colon != std::string_view::npos) {  // a line after the body is a trailer
      auto const value = std::min(line.find_first_not_of(" \t", colon + 1), line.size());
      response.headers.push_back({.name = std::string(line, 0, colon), .value = std::string(line.substr(value))});
    }
    return !is_too_large;
  }

  bool add_body(std::string_view data) {
    is_too_large = is_too_large || data.size() > limits.max_body_bytes - response.body.size();
    if (!is_too_large) response.body += data;
    return !is_too_large;
  }
};

class curl_header_lines {
 public:
  void append(std::string const& line) {
    auto* const longer = curl_slist_append(lines_.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    (void)lines_.release();
    lines_.reset(longer);
  }
  curl_slist* get() const { return lines_.get(); }

 private:
  std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> lines_{nullptr, &curl_slist_free_all};
};

/// curl calls it about once a second.
inline int stops_curl(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<fictive::stop_token*>(stop)->stop_requested();
}

/// A transport on libcurl. Thread-safe: each request has a handle and a connection of its own.
struct curl_transport {
  /// PEM file with the authorities to trust; if empty, the system's.
  std::string ca_file = {};

  fictive::result<fictive::http_response> operator()(fictive::http_request const& request,
                                                     fictive::stop_token stop) const {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl(curl_easy_init(), &curl_easy_cleanup);
    auto failed = curl ? CURLE_OK : CURLE_FAILED_INIT;
    auto const set = [&](CURLoption option, auto value) {
      if (!failed) failed = curl_easy_setopt(curl.get(), option, value);
    };
    curl_header_lines headers;
    headers.append("Expect:");  // removes the header that curl adds
    for (auto const& [name, value] : request.headers) headers.append(value.empty() ? name + ";" : name + ": " + value);
    curl_reply reply{.limits = request.limits};

    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(CURLOPT_HTTPHEADER, headers.get());
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));  // curl retries refused HTTP/2 streams
    set(CURLOPT_FRESH_CONNECT, 1L);  // curl retries on a new connection if a reused one is dead
    set(CURLOPT_FORBID_REUSE, 1L);
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PROXY, "");  // ignores the environment
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.limits.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.limits.total_timeout.count()));
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!ca_file.empty()) {
      set(CURLOPT_CAINFO, ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<char*>(nullptr));
    }
    set(CURLOPT_HEADERFUNCTION, &curl_reply::on_header);
    set(CURLOPT_HEADERDATA, &reply);
    set(CURLOPT_WRITEFUNCTION, &curl_reply::on_body);
    set(CURLOPT_WRITEDATA, &reply);
    set(CURLOPT_XFERINFOFUNCTION, &stops_curl);
    set(CURLOPT_XFERINFODATA, &stop);
    set(CURLOPT_NOPROGRESS, 0L);
    if (failed) return fictive::transport_error(error_code_of(failed), fictive::effect::none);

    failed = curl_easy_perform(curl.get());
    if (reply.is_too_large) failed = CURLE_FILESIZE_EXCEEDED;
    if (!failed && !reply.has_all_headers()) failed = CURLE_GOT_NOTHING;  // curl accepts headers that are cut off
    if (!failed) return std::move(reply.response);
    if (reply.has_all_headers()) return fictive::transport_error(error_code_of(failed), reply.response);
    long bytes_sent = 0;
    bool const sent_nothing = !curl_easy_getinfo(curl.get(), CURLINFO_REQUEST_SIZE, &bytes_sent) && bytes_sent == 0;
    return fictive::transport_error(error_code_of(failed),
                                    sent_nothing ? fictive::effect::none : fictive::effect::unknown);
  }
};

}  // namespace examples

#endif
