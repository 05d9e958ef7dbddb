// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_TRIAL_HPP
#define FICTIVE_TESTING_DETAIL_TRIAL_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/testing/conformance.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/transport.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// How a check is made: trials of a fresh transport against servers of its own, and what follows from their books.

namespace fictive::detail::conformance {

using testing::conformance_check;
using testing::conformance_options;
using testing::conformance_outcome;

/// Any blocking transport. A stop token that cannot stop is given where there is none to give.
using any_transport = std::function<result<http_response>(http_request const&, stop_token const&)>;

template <transport Transport>
any_transport erase_type(Transport made) {
  return [held = std::make_shared<Transport>(std::move(made))](http_request const& request,
                                                               stop_token const& stop) -> result<http_response> {
    return detail::send(*held, request, stop);
  };
}

/// What one check has found so far.
struct findings {
  std::vector<std::string> broken = {}, dangerous = {}, remarks = {};
  std::string left_out_because = {};
};

/// A request, what came of it, and how long that took: since it was made, or since it was stopped.
struct sent_request {
  std::string marker;  ///< in the target and the body of this request alone
  result<http_response> reply;
  std::chrono::milliseconds took;

  [[nodiscard]] bool claims_no_effect() const { return !reply && reply.error().effect == effect::none; }
};

inline std::string describe(sent_request const& sent) {
  if (sent.reply)
    return "status " + std::to_string(sent.reply->status) + " and a body of " +
           std::to_string(sent.reply->body.size()) + " bytes";
  auto const& e = sent.reply.error();
  auto text = std::string(to_string(e.code)) + ", effect " + to_string(e.effect);
  if (e.cause) text += ", cause: " + e.cause.message();
  return text;
}

/// Answers a request well: with JSON that names it, so that an answer to another one is found out.
inline std::string answer_to(received_request const& request) {
  return response_text(200, {{"Content-Type", "application/json"}}, "{\"to\":\"" + request.target + "\"}");
}

/// Answers all requests; ends the connection where the client asks for that.
inline void serve_well(peer& client) {
  for (;;) {
    auto const request = client.read_request();
    client.send(answer_to(request));
    auto const* connection = find_header(request.headers, "Connection");
    if (connection && equals_ignoring_case(*connection, "close")) return;
  }
}

/// Misbehaves at the first connection, and serves all later ones well.
inline session at_first(session misbehave) {
  return [misbehave = std::move(misbehave)](peer& client) {
    if (client.number() > 0) return serve_well(client);
    misbehave(client);
  };
}

/// Answers every request with this.
inline session answering(std::string answer) {
  return [answer = std::move(answer)](peer& client) {
    for (;;) {
      client.read_request();
      client.send(answer);
    }
  };
}

/// A fresh transport and its servers.
class trial {
 public:
  trial(std::string name, any_transport transport, conformance_options const& options, findings& found)
      : name_(std::move(name)), transport_(std::move(transport)), options_(options), found_(found) {}

  [[nodiscard]] conformance_options const& options() const noexcept { return options_; }

  /// A server that ends by itself later than a transport that keeps to the limit of time.
  misbehaving_server& serve(session behaviour, server_options how = {}) {
    auto& server = bind(std::move(behaviour), std::move(how));
    server.listen();
    return server;
  }
  misbehaving_server& serve_stalling(session behaviour, server_options how = {}) {
    how.lifetime = stalling_lifetime();
    return serve(std::move(behaviour), std::move(how));
  }
  [[nodiscard]] std::chrono::milliseconds stalling_lifetime() const {
    return options_.timeout + options_.grace + std::chrono::milliseconds(500);
  }
  /// The same, not listening yet.
  misbehaving_server& bind(session behaviour, server_options how = {}) {
    return servers_.emplace_back(std::move(behaviour), std::move(how));
  }

  /// A request as the library makes them, marked as the next one of this trial.
  [[nodiscard]] http_request request_to(std::string const& url) const {
    http_request request{.method = "POST",
                         .url = url + "/rest/api/accounts/groups/" + next_marker() + "/invites",
                         .headers = {{"Accept", "application/json"},
                                     {"Accept-Encoding", "identity"},
                                     {"Content-Type", "application/json"},
                                     {"User-Agent", "fictive-conformance"},
                                     {"X-Version", "9.0.0"},
                                     {"X-SessionId", "session"}},
                         .body = "{\"emailAddresses\":[\"" + next_marker() + "@example.com\"]}"};
    request.limits.connect_timeout = request.limits.total_timeout = std::chrono::seconds(5);
    return request;
  }
  [[nodiscard]] http_request request_to(misbehaving_server const& server) const { return request_to(server.url()); }
  /// One that must be over soon.
  [[nodiscard]] http_request short_request_to(misbehaving_server const& server) const {
    auto request = request_to(server);
    request.limits.total_timeout = options_.timeout;
    return request;
  }

  sent_request const& send(http_request const& request, stop_token const& stop = {}) {
    auto const begin = clock::now();
    auto reply = transport_(request, stop);
    return sent_.emplace_back(sent_request{next_marker(), std::move(reply), since(begin)});
  }

#if defined(__cpp_lib_jthread)
  /// The same, stopped when `is_time` has returned.
  sent_request const& send_and_stop(http_request const& request, std::function<void()> is_time) {
    std::stop_source stopper;
    clock::time_point stopped;
    std::thread stopping([&] {
      is_time();
      stopped = clock::now();
      stopper.request_stop();
    });
    auto marker = next_marker();
    std::optional<result<http_response>> reply;
    try {
      reply = transport_(request, stopper.get_token());
    } catch (...) {
      stopping.join();
      throw;
    }
    auto const returned = clock::now();
    stopping.join();
    auto const took = (std::max)(std::chrono::duration_cast<std::chrono::milliseconds>(returned - stopped), {});
    return sent_.emplace_back(sent_request{std::move(marker), std::move(*reply), took});
  }
#endif

  // What may be expected. Whatever else happens, the end of a trial checks that nothing was sent twice and that
  // `effect::none` was true.

  void expect(bool kept, std::string const& otherwise) {
    if (!kept) found_.broken.push_back(prefixed(otherwise));
  }
  void remark(std::string const& text) {
    found_.remarks.push_back(prefixed(text));
  }
  void leave_out(std::string because) {
    found_.left_out_because = std::move(because);
  }

  void expect_status(sent_request const& sent, unsigned status) {
    expect(sent.reply && sent.reply->status == status,
           "expected status " + std::to_string(status) + ", got " + describe(sent));
  }
  void expect_answer(sent_request const& sent, unsigned status, std::string_view body) {
    expect(sent.reply && sent.reply->status == status && sent.reply->body == body,
           "expected status " + std::to_string(status) + " and its body of " + std::to_string(body.size()) +
               " bytes, got " + describe(sent) +
               (sent.reply && sent.reply->body.size() == body.size() ? " (others)" : ""));
  }
  /// The answer that `answer_to` makes of this very request.
  void expect_own_answer(sent_request const& sent) {
    if (!sent.reply) return expect(false, "expected an answer to " + sent.marker + ", got " + describe(sent));
    expect(sent.reply->status == 200 && sent.reply->body.find(mark(sent.marker)) != std::string::npos,
           "the answer to " + sent.marker + " is not its own: " + describe(sent));
  }
  void expect_error(sent_request const& sent) {
    expect(!sent.reply, "expected an error, got " + describe(sent));
  }
  void expect_error(sent_request const& sent, errc code) {
    expect(!sent.reply && sent.reply.error().code == code,
           "expected the error \"" + std::string(to_string(code)) + "\", got " + describe(sent));
  }
  void expect_no_effect(sent_request const& sent) {
    expect(sent.claims_no_effect(), "expected an error without effect, got " + describe(sent));
  }
  void expect_soon(sent_request const& sent, std::chrono::milliseconds limit) {
    expect(sent.took <= limit + options_.grace, "expected an end within " + std::to_string(limit.count()) +
                                                    " ms, and " + std::to_string(options_.grace.count()) +
                                                    " ms of grace, but it took " + std::to_string(sent.took.count()) +
                                                    " ms");
  }
  /// Until the client can know that the server has ended its first connection.
  void wait_for_end(misbehaving_server const& server) {
    server.seen().wait_for_ends(1, std::chrono::seconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  /// After a failure, the next request to this server, which is sound by now, gets its answer.
  void expect_recovery(misbehaving_server const& server) {
    expect_own_answer(send(request_to(server)));
  }

  /// Ends the transport and the servers, and reads the books.
  void finish() {
    transport_ = nullptr;
    for (auto& server : servers_) server.end();
    std::size_t begun = 0, nameless = 0;
    for (auto const& server : servers_) {
      auto const fragments = server.seen().fragments();
      begun += server.seen().requests().size() + fragments.size();
      nameless += static_cast<std::size_t>(std::count_if(fragments.begin(), fragments.end(), [](auto const& fragment) {
        return fragment.find(marker_begin) == std::string::npos;
      }));
    }
    for (auto const& one : sent_) expect_sent_once(one, nameless);
    if (begun > sent_.size())
      endanger(std::to_string(sent_.size()) + " requests were to be sent, " + std::to_string(begun) + " were begun");
  }

  void fail(std::string const& what) {
    expect(false, what);
  }

 private:
  static constexpr std::string_view marker_begin = "/call-";

  static std::chrono::milliseconds since(clock::time_point begin) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - begin);
  }
  static std::string mark(std::string const& marker) {
    return "/" + marker + "/";
  }

  [[nodiscard]] std::string next_marker() const {
    return "call-" + std::to_string(sent_.size() + 1);
  }
  [[nodiscard]] std::string prefixed(std::string const& text) const {
    return name_.empty() ? text : name_ + ": " + text;
  }
  void endanger(std::string const& what) {
    found_.dangerous.push_back(prefixed("dangerous: " + what));
  }

  void expect_sent_once(sent_request const& one, std::size_t nameless) {
    std::size_t whole = 0, begun = 0;
    for (auto const& server : servers_) {
      for (auto const& request : server.seen().requests())
        whole += request.target.find(mark(one.marker)) != request.target.npos;
      for (auto const& fragment : server.seen().fragments()) begun += fragment.find(mark(one.marker)) != fragment.npos;
    }
    begun += whole;
    if (begun > 1)
      endanger(one.marker + " was sent " + std::to_string(begun) + " times, and delivered " + std::to_string(whole) +
               " times");
    if (one.claims_no_effect() && begun + nameless > 0)
      endanger(one.marker + " failed with effect none, but " +
               (whole > 0 ? "the whole request was delivered" : "bytes of the request arrived"));
  }

  std::string name_;
  any_transport transport_;
  conformance_options const& options_;
  findings& found_;
  std::list<misbehaving_server> servers_;
  std::list<sent_request> sent_;
};

/// One check at work: any number of trials.
class checking {
 public:
  checking(std::function<any_transport()> const& make, conformance_options const& options)
      : make_(make), options_(options) {}

  /// `name` tells trials of one check apart.
  template <class Body>
  void trial(std::string name, Body body) {
    conformance::trial one(std::move(name), make_(), options_, found_);
    try {
      body(one);
    } catch (std::exception const& thrown) {
      one.fail(std::string("the transport threw: ") + thrown.what());
    }
    one.finish();
  }
  template <class Body>
  void trial(Body body) {
    trial("", std::move(body));
  }

  void leave_out(std::string because) { found_.left_out_because = std::move(because); }

  [[nodiscard]] conformance_check report(std::string name) const {
    auto const limitation = std::find_if(options_.known_limitations.begin(), options_.known_limitations.end(),
                                         [&](auto const& one) { return one.check == name; });
    bool const is_known = limitation != options_.known_limitations.end();
    conformance_check report{.name = std::move(name)};
    std::vector<std::string> lines;
    if (!found_.dangerous.empty() || (!found_.broken.empty() && !is_known))
      report.outcome = conformance_outcome::broken;
    else if (!found_.broken.empty())
      report.outcome = conformance_outcome::excused;
    else if (!found_.left_out_because.empty())
      report.outcome = conformance_outcome::left_out;
    if (report.outcome == conformance_outcome::excused) lines.push_back("known limitation: " + limitation->reason);
    if (report.outcome == conformance_outcome::left_out) lines.push_back(found_.left_out_because);
    for (auto const* more : {&found_.dangerous, &found_.broken, &found_.remarks})
      lines.insert(lines.end(), more->begin(), more->end());
    for (auto const& line : lines) report.details.append(report.details.empty() ? "  " : "\n  ").append(line);
    return report;
  }

 private:
  std::function<any_transport()> const& make_;
  conformance_options const& options_;
  findings found_;
};

struct named_check {
  std::string name;
  std::function<void(checking&)> make;
};

inline void expect_names(std::vector<named_check> const& checks, std::string const& name) {
  if (std::none_of(checks.begin(), checks.end(), [&](auto const& check) { return check.name == name; }))
    throw std::invalid_argument("there is no check of transports with the name \"" + name + "\"");
}

inline std::vector<conformance_check> run(std::vector<named_check> const& checks,
                                          std::function<any_transport()> const& make,
                                          conformance_options const& options) {
  for (auto const& limitation : options.known_limitations) expect_names(checks, limitation.check);
  for (auto const& name : options.only) expect_names(checks, name);
  std::vector<conformance_check> reports;
  for (auto const& [name, make_check] : checks) {
    if (!options.only.empty() && std::find(options.only.begin(), options.only.end(), name) == options.only.end())
      continue;
    checking check(make, options);
    make_check(check);
    reports.push_back(check.report(name));
  }
  return reports;
}

}  // namespace fictive::detail::conformance

#endif
