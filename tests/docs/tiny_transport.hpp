#ifndef FICTIVE_TESTS_DOCS_TINY_TRANSPORT_HPP
#define FICTIVE_TESTS_DOCS_TINY_TRANSPORT_HPP

#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/transport.hpp>

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <system_error>

// A transport in fifty lines, of docs/transports.md.

// [tiny_transport]
/// A transport on libcurl that enforces the limits and reports effects accurately.
struct tiny_transport {
  fictive::result<fictive::http_response> operator()(fictive::http_request const& request) const {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const curl(curl_easy_init(), &curl_easy_cleanup);
    auto const set = [&](CURLoption option, auto value) { curl_easy_setopt(curl.get(), option, value); };

    curl_slist* headers = curl_slist_append(nullptr, "Expect:");  // removes the header that curl adds
    for (auto const& [name, value] : request.headers)
      headers = curl_slist_append(headers, (value.empty() ? name + ";" : name + ": " + value).c_str());
    std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> const owner(headers, &curl_slist_free_all);

    struct incoming {
      fictive::http_response response;
      fictive::http_limits const& limits;
    } reply{{}, request.limits};
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
    set(CURLOPT_POSTFIELDSIZE, static_cast<long>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_HTTPHEADER, headers);
    set(CURLOPT_FORBID_REUSE, 1L);  // curl retries on a new connection if a reused one is dead
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.limits.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.limits.total_timeout.count()));
    set(CURLOPT_WRITEDATA, &reply);
    set(
        CURLOPT_WRITEFUNCTION, +[](char* data, std::size_t, std::size_t size, void* to) -> std::size_t {
          auto& [response, limits] = *static_cast<incoming*>(to);
          if (size > limits.max_body_bytes - response.body.size()) return 0;
          response.body.append(data, size);
          return size;
        });

    auto const failure = curl_easy_perform(curl.get());
    long status = 0, bytes_sent = 0;
    curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(curl.get(), CURLINFO_REQUEST_SIZE, &bytes_sent);
    reply.response.status = static_cast<int>(status);
    for (curl_header* header = nullptr; (header = curl_easy_nextheader(curl.get(), CURLH_HEADER, 0, header));)
      reply.response.headers.push_back({.name = header->name, .value = header->value});

    if (failure == CURLE_OK) return reply.response;
    auto const cause = std::make_error_code(failure == CURLE_OPERATION_TIMEDOUT         ? std::errc::timed_out
                                            : failure == CURLE_PEER_FAILED_VERIFICATION ? std::errc::permission_denied
                                                                                        : std::errc::io_error);
    if (status != 0) return fictive::transport_error(cause, reply.response);
    return fictive::transport_error(cause, bytes_sent == 0 ? fictive::effect::none : fictive::effect::unknown);
  }
};
// [tiny_transport]

#endif
