#include <fictive/beast.hpp>
#include <fictive/fictive.hpp>
#include <fictive/file_journal.hpp>
#include <fictive/invite_all.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/raw_server.hpp"
#include "support/temporary_folder.hpp"

#include <boost/asio/io_context.hpp>

#include <malloc.h>
#include <string.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <new>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// What a caller gives to the library must not leave it: neither in a text that is made for logs, nor, if it is a
// credential, in memory that was freed.

namespace secrets_tests {

using fictive::http_request;
using fictive::http_response;
using fictive::result;
using namespace std::chrono_literals;

namespace {

/// No text of the library's own contains these.
constexpr std::string_view token_id = "hidden-token-id-0123456789012345",
                           session_id = "hidden-session-0123456789012345", bearer = "hidden-bearer-token-0123456789012",
                           gateway_key = "hidden-key-01234567890123456789",
                           group = "hidden-group-8b8ad9e0-3f0d-4f0e-9a0b-1d2e3f405162",
                           address = "hidden.person@example.com", subscription = "hidden-subscription-012345",
                           renewed_id = "hidden-renewed-0123456789012345";

/// In freed memory, only these are searched: the headers of a `client_config` are strings of the caller.
constexpr std::string_view credentials_of_caller[] = {token_id, session_id, bearer, renewed_id};

/// Whether memory that this thread frees is searched, and what was found.
thread_local bool is_searching = false;
thread_local std::string_view found_in_freed_memory;

void search(void* memory) noexcept {
  if (!is_searching || !memory) return;
  auto const size = malloc_usable_size(memory);
  for (auto const one : credentials_of_caller)
    if (memmem(memory, size, one.data(), one.size())) found_in_freed_memory = one;
}

class search_of_freed_memory {
 public:
  search_of_freed_memory() {
    found_in_freed_memory = {};
    is_searching = true;
  }
  search_of_freed_memory(search_of_freed_memory const&) = delete;
  search_of_freed_memory& operator=(search_of_freed_memory const&) = delete;
  ~search_of_freed_memory() { is_searching = false; }
};

fictive::client_config config() {
  return {.api_version = "9.0.0",
          .credentials = {.token_id = token_id, .session_id = session_id},
          .extra_headers = {{"X-Gateway-Key", std::string(gateway_key)}}};
}

fictive::invite_request request() {
  return {.account_group_token = std::string(group), .email_addresses = {std::string(address)}};
}

/// All that a service can repeat.
std::string everything() {
  std::string all;
  for (auto const one : {token_id, session_id, bearer, gateway_key, group, address, renewed_id})
    all.append(one).append(" ");
  return all;
}

/// Texts that programs print.
class printed_texts {
 public:
  void add(std::string_view text) { all_.emplace_back(text); }

  void add(fictive::error const& e) {
    add(e.message);
    add(to_string(e));
    std::ostringstream out;
    out << e << result<int>(e);
    add(out.str());
    add(fictive::exception(e).what());
    add(e.cause.message());
  }

  fictive::hooks hooks() {
    return {.on_attempt =
                [this](fictive::attempt_event const& event) {
                  add(event.route);
                  add(event.message);
                },
            .on_result =
                [this](fictive::result_event const& event) {
                  add(event.route);
                  add(event.message);
                }};
  }

  /// The first secret that a text contains; empty if none does.
  [[nodiscard]] std::string_view disclosed() const {
    for (auto const& text : all_)
      for (auto const one : {token_id, session_id, bearer, gateway_key, group, address, renewed_id})
        if (text.find(one) != std::string::npos) return one;
    return {};
  }

  [[nodiscard]] std::size_t count() const { return all_.size(); }

 private:
  std::vector<std::string> all_;
};

/// Responses and failures that repeat what was sent.
std::vector<result<http_response>> answers() {
  std::vector<result<http_response>> all;
  for (int const status : {200, 201, 302, 400, 401, 403, 404, 409, 413, 418, 429, 499, 500, 503, 999})
    for (std::string const& body :
         {everything(), R"({"message":")" + everything() + "\"}", R"({"validInvitations":[")" + everything() + "\"",
          R"({"validInvitations":[],"invalidEmailAddresses":[")" + everything() + "\"]}",
          R"({"errors":{")" + everything() + R"(":["x"]}})", std::string()})
      all.push_back(http_response{.status = status,
                                  .headers = {{"Content-Type", everything()},
                                              {"Retry-After", "1000, " + everything()},
                                              {"X-Request-Id", "id"},
                                              {"WWW-Authenticate", "Bearer error_description=" + everything()}},
                                  .body = body});
  all.push_back(fictive::transport_error(std::make_error_code(std::errc::connection_reset)));
  all.push_back(fictive::error{.code = fictive::errc::timed_out, .cause = std::make_error_code(std::errc::timed_out)});
  return all;
}

/// The text in Base64, without the last group, which depends on what follows; `skipped` characters are encoded before.
std::string base64(std::string_view text, std::size_t skipped, std::string_view alphabet) {
  std::string out;
  for (std::size_t i = (3 - skipped) % 3; i + 3 <= text.size(); i += 3) {
    unsigned const group_of_three = static_cast<unsigned>(static_cast<unsigned char>(text[i])) << 16 |
                                    static_cast<unsigned>(static_cast<unsigned char>(text[i + 1])) << 8 |
                                    static_cast<unsigned char>(text[i + 2]);
    for (int shift = 18; shift >= 0; shift -= 6) out += alphabet[group_of_three >> shift & 63];
  }
  return out;
}

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

/// The text as it is, in Base64 at each place, percent-encoded, escaped, and in hexadecimal.
std::vector<std::string> encodings_of(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
                             digits = "0123456789ABCDEF";
  std::vector<std::string> all = {std::string(text)};
  for (std::size_t skipped = 0; skipped < 3; ++skipped)
    for (char const* last : {"+/", "-_"}) all.push_back(base64(text, skipped, std::string(letters) + last));
  std::string reserved, percent, escaped, hexadecimal;
  for (char const c : text) {
    std::string const code = {digits[static_cast<unsigned char>(c) >> 4], digits[c & 15]};
    reserved += letters.find(c) != std::string_view::npos || c == '-' || c == '.' ? std::string(1, c) : "%" + code;
    percent += "%" + code;
    escaped += "\\u00" + code;
    hexadecimal += code;
  }
  for (auto const& one : {reserved, percent, escaped, hexadecimal}) {
    all.push_back(one);
    all.push_back(lower(one));
  }
  return all;
}

/// A transport that keeps nothing of a request.
struct forgetful_transport {
  result<http_response> response;

  result<http_response> operator()(http_request const&) const { return response; }
  bool wait_until(std::chrono::steady_clock::time_point, fictive::stop_token const&) const { return true; }
};

/// The same in virtual time.
struct forgetful_transport_with_clock {
  std::chrono::steady_clock::time_point* time;
  result<http_response> response;

  result<http_response> operator()(http_request const&) const { return response; }
  [[nodiscard]] std::chrono::steady_clock::time_point now() const { return *time; }
  bool wait_until(std::chrono::steady_clock::time_point until, fictive::stop_token const&) const {
    *time = (std::max)(*time, until);
    return true;
  }
};

/// Runs with two responses after the head, so that credentials are renewed on the way.
raw_server::session refusing_first() {
  return [](raw_server::tcp::socket& client) {
    for (bool is_first = true;; is_first = false) {
      read_request(client);
      send_text(client, is_first ? http_answer("{}", "401 Unauthorized")
                                 : http_answer(R"({"validInvitations":[],"invalidEmailAddresses":[]})"));
    }
  };
}

fictive::client_config renewing(fictive::client_config from) {
  from.renew_credentials = [](fictive::stop_token const&) -> result<fictive::credentials> {
    return fictive::credentials{.session_id = renewed_id};
  };
  return from;
}

}  // namespace

}  // namespace secrets_tests

void* operator new(std::size_t size) {
  void* const memory = std::malloc(size > 0 ? size : 1);
  if (!memory) throw std::bad_alloc();
  // Without what is left of the tests' own texts.
  return std::memset(memory, 0, malloc_usable_size(memory));
}
void operator delete(void* memory) noexcept {
  secrets_tests::search(memory);
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  operator delete(memory);
}

namespace secrets_tests {

TEST_CASE("no text about a call contains what the caller gave or the service repeated", "[secrets][text]") {
  printed_texts printed;
  for (auto const& response : answers()) {
    auto with_hooks = renewing(config());
    with_hooks.hooks = printed.hooks();
    std::chrono::steady_clock::time_point time(1h);
    fictive::client client{forgetful_transport_with_clock{&time, response}, with_hooks};
    if (auto const reply = client.invite(request(), {.label = "label"}); !reply) printed.add(reply.error());
  }
  CHECK(printed.disclosed() == "");
  CHECK(printed.count() > 500);
}

TEST_CASE("no refusal contains what the caller gave", "[secrets][text]") {
  printed_texts printed;
  unsigned refusals = 0;
  auto const try_with = [&](auto const& change) {
    for (char const* spoiled : {"\n", "\xFF", " ", "\xE2\x80\x8B"}) {
      auto c = config();
      auto r = request();
      c.hooks = printed.hooks();
      change(c, r, spoiled);
      auto const made = fictive::make_invite_request(c, r);
      fictive::client client{forgetful_transport{http_response{.status = 200}}, c};
      auto const reply = client.invite(r);
      if (!made) printed.add(made.error());
      if (!reply) printed.add(reply.error());
      refusals += made ? 0u : 1u;
    }
  };
  auto const end = [](std::string_view text, char const* spoiled) { return std::string(text) + spoiled; };
  try_with([&](auto&, auto& r, auto s) { r.account_group_token = end(group, s); });
  try_with([&](auto&, auto& r, auto s) { r.email_addresses[0] = end(address, s); });
  try_with([&](auto&, auto& r, auto) { r.email_addresses.push_back(std::string(address)); });
  try_with([&](auto&, auto& r, auto s) { r.subscription_references = {end(group, s)}; });
  try_with([&](auto& c, auto&, auto s) { c.credentials.token_id = end(token_id, s); });
  try_with([&](auto& c, auto&, auto s) { c.credentials.session_id = end(session_id, s); });
  try_with([&](auto& c, auto&, auto s) { c.credentials.bearer_token = end(bearer, s); });
  try_with([&](auto& c, auto&, auto s) { c.extra_headers[0].value = end(gateway_key, s); });
  try_with([&](auto& c, auto&, auto s) { c.extra_headers[0].name = end(gateway_key, s); });
  try_with([&](auto& c, auto&, auto s) { c.origin = end(gateway_key, s); });
  try_with([&](auto& c, auto&, auto s) { c.api_version = end(gateway_key, s); });
  try_with([&](auto& c, auto&, auto s) { c.user_agent = end(gateway_key, s); });
  try_with([&](auto& c, auto&, auto s) { c.base_url = "https://" + end(gateway_key, s); });
  try_with([&](auto& c, auto&, auto) { c.base_url = "https://user:" + std::string(gateway_key) + "@example.com"; });
  CHECK(printed.disclosed() == "");
  CHECK(refusals == 14 * 4);
}

TEST_CASE("no freed memory contains a credential after a call", "[secrets][memory]") {
  auto const response = GENERATE(as<result<http_response>>(), http_response{.status = 200, .body = "{}"},
                                 http_response{.status = 401}, http_response{.status = 500},
                                 fictive::transport_error(std::make_error_code(std::errc::connection_reset)));
  auto const is_renewed = GENERATE(false, true);
  auto c = is_renewed ? renewing(config()) : config();
  fictive::call_options options{.headers = {{"X-One", "1"}, {"X-Two", "2"}, {"X-Three", "3"}}};
  {
    search_of_freed_memory const searching;
    fictive::client client{forgetful_transport{response}, c};
    (void)client.invite(request(), options);
    client.set_credentials({.bearer_token = bearer});
    (void)client.invite(request());
  }
  CHECK(found_in_freed_memory == "");
}

TEST_CASE("no freed memory contains a credential after a bulk run", "[secrets][memory][bulk]") {
  auto const response =
      GENERATE(as<result<http_response>>(), http_response{.status = 200, .body = "{}"}, http_response{.status = 401},
               fictive::transport_error(std::make_error_code(std::errc::connection_reset)));
  auto const concurrency = GENERATE(std::size_t{1}, std::size_t{3});
  auto c = renewing(config());
  {
    search_of_freed_memory const searching;
    fictive::client client{forgetful_transport{response}, c};
    auto const report = client.invite_all(
        {.account_group_token = request().account_group_token, .email_addresses = request().email_addresses},
        {.max_batch = 1, .max_concurrency = concurrency}, {});
    CHECK(report.requests > 0);
  }
  CHECK(found_in_freed_memory == "");
}

TEST_CASE("the journal of a run contains no secret, however it is encoded", "[secrets][journal][bulk]") {
  tests::temporary_folder const folder;
  auto const path = folder.journal();
  std::vector<std::string> const addresses = {std::string(address), "other." + std::string(address),
                                              "third." + std::string(address)};
  auto const run = [&](result<fictive::file_journal> journal, result<http_response> response) {
    std::chrono::steady_clock::time_point time(1h);
    fictive::client client{forgetful_transport_with_clock{&time, std::move(response)}, renewing(config())};
    return client.invite_all({.account_group_token = std::string(group),
                              .email_addresses = addresses,
                              .subscription_references = {std::string(subscription)}},
                             {.max_batch = 1,
                              .patience = 0s,
                              .deadline = 1min,
                              .records_references = true,
                              .journal = journal.value().writer(),
                              .resume = journal->take_run()},
                             {});
  };
  for (auto const& response : answers()) {
    if (response && response->status != 200 && response->status != 400 && response->status != 429) continue;
    std::filesystem::remove(path);
    (void)run(fictive::file_journal::create(path), response);
    // The run continues, and somebody is invited.
    auto const report =
        run(fictive::file_journal::open(path),
            http_response{.status = 200,
                          .headers = {},
                          .body = R"({"validInvitations":[{"invitationReference":"r","emailAddress":")" +
                                  addresses.back() + R"("}],"invalidEmailAddresses":[")" + addresses.front() + "\"]}"});
    auto const text = tests::content_of(path);
    REQUIRE(text.find("intent") != std::string::npos);
    for (auto const one : {token_id, session_id, bearer, gateway_key, group, address, renewed_id, subscription,
                           std::string_view("hidden")})
      for (auto const& encoded : encodings_of(one)) {
        INFO(encoded);
        CHECK(text.find(encoded) == std::string::npos);
      }
  }
}

TEST_CASE("no freed memory contains a credential after a refusal", "[secrets][memory]") {
  auto c = config();
  fictive::call_options options;
  SECTION("an extra header is refused") {
    c.extra_headers.push_back({"Host", "x"});
  }
  SECTION("a header of the call is refused") {
    options.headers.push_back({"Host", "x"});
  }
  SECTION("there is no time") {
    options.deadline = 0ms;
  }
  {
    search_of_freed_memory const searching;
    fictive::client client{forgetful_transport{http_response{.status = 200}}, c};
    CHECK_FALSE(client.invite(request(), options));
  }
  CHECK(found_in_freed_memory == "");
}

TEST_CASE("no freed memory contains a credential after a call of the adapter", "[secrets][memory][beast]") {
  raw_server const server(refusing_first());
  auto c = renewing(config());
  c.base_url = server.url();
  c.async_renew_credentials = [](fictive::stop_token const&, auto done) {
    done(fictive::credentials{.session_id = renewed_id});
  };
  auto const is_blocking = GENERATE(true, false);
  std::optional<result<fictive::invite_response>> reply;
  {
    search_of_freed_memory const searching;
    if (is_blocking) {
      fictive::beast::client client{c};
      reply = client.invite(request());
    } else {
      boost::asio::io_context io;
      fictive::beast::async_client client{io, c};
      client.async_invite(request(), [&reply](result<fictive::invite_response> got) { reply = std::move(got); });
      io.run();
    }
  }
  REQUIRE(reply);
  CHECK(reply->has_value());
  CHECK(found_in_freed_memory == "");
}

TEST_CASE("the encodings of a secret", "[secrets][journal]") {
  auto const all = encodings_of("token/1");
  for (char const* one : {"token/1", "dG9rZW4v", "a2VuLzE", "b2tlbi8x", "token%2F1", "token%2f1", "746F6B656E2F31"}) {
    INFO(one);
    CHECK(std::any_of(all.begin(), all.end(),
                      [&](auto const& x) { return x.find(one) == 0 || std::string(one).find(x) == 0; }));
  }
}

TEST_CASE("the search of freed memory finds a credential", "[secrets][memory]") {
  {
    search_of_freed_memory const searching;
    std::string const copy(session_id);
  }
  CHECK(found_in_freed_memory == session_id);
}

}  // namespace secrets_tests
