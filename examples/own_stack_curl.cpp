// SPDX-License-Identifier: BSL-1.0

// Invites people over libcurl, with a transport that passes the whole conformance kit:
//
//     g++ -std=c++20 -I include examples/own_stack_curl.cpp -o own_stack_curl -lcurl -lboost_json -pthread
//     own_stack_curl BASE_URL GROUP ADDRESS...    with the session id in FICTIVE_SESSION_ID
//
// FICTIVE_CA_FILE names a PEM file with the authorities to trust in place of the system's. The exit status is that of
// `report` below, 1 if not all were invited, or 2 for a wrong command line.

#include <fictive/client.hpp>

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace {

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

std::error_code error_code_of(CURLcode code) {
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

/// curl calls it about once a second.
int stops_curl(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
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
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(nullptr, &curl_slist_free_all);
    auto const append = [&headers](std::string const& line) {
      auto* const longer = curl_slist_append(headers.get(), line.c_str());
      if (!longer) throw std::bad_alloc();
      (void)headers.release();
      headers.reset(longer);
    };
    append("Expect:");  // removes the header that curl adds
    for (auto const& [name, value] : request.headers) append(value.empty() ? name + ";" : name + ": " + value);
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

/// Reports a failed call: its effect decides what to do next.
int report(fictive::error const& error) {
  std::cerr << error << '\n';
  switch (error.effect) {
    case fictive::effect::none: return std::cerr << "Nobody was invited: correct the cause and send again.\n", 3;
    case fictive::effect::unknown: break;
    case fictive::effect::applied:
      return std::cerr << "The invitations were made, but the response is lost: do not send again.\n", 5;
  }
  return std::cerr << "It is unknown whether anybody was invited: check before you send again.\n", 4;
}

}  // namespace

int main(int argc, char** argv) {
  char const* const session = std::getenv("FICTIVE_SESSION_ID");
  char const* const ca_file = std::getenv("FICTIVE_CA_FILE");
  if (argc < 4 || !session) {
    std::cerr << "usage: FICTIVE_SESSION_ID=… own_stack_curl BASE_URL GROUP ADDRESS...\n";
    return 2;
  }
  std::signal(SIGPIPE, SIG_IGN);  // required with CURLOPT_NOSIGNAL
  curl_global_init(CURL_GLOBAL_DEFAULT);

  fictive::client client{curl_transport{.ca_file = ca_file ? ca_file : ""},
                         {.base_url = argv[1], .api_version = "9.0.0", .credentials = {.session_id = session}}};
  auto const reply = client.invite({.account_group_token = argv[2], .email_addresses = {argv + 3, argv + argc}},
                                   {.deadline = std::chrono::seconds(10)});
  if (!reply) return report(reply.error());

  for (auto const& invitation : reply->valid_invitations)
    std::cout << invitation.email_address << " is invited: " << invitation.invitation_reference << '\n';
  for (auto const& address : reply->invalid_email_addresses) std::cout << address << " is refused\n";
  for (auto const& address : reply->unaccounted_email_addresses) std::cout << address << " is not in the response\n";
  return reply->valid_invitations.size() == static_cast<std::size_t>(argc - 3) ? 0 : 1;
}
