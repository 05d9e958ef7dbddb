// SPDX-License-Identifier: BSL-1.0

#ifndef FICTIVE_TESTING_DETAIL_TRIAL_HPP
#define FICTIVE_TESTING_DETAIL_TRIAL_HPP

#include <fictive/config.hpp>
#include <fictive/detail/text/ascii.hpp>
#include <fictive/detail/text/invisible.hpp>
#include <fictive/detail/text/utf8.hpp>
#include <fictive/error.hpp>
#include <fictive/http.hpp>
#include <fictive/testing/conformance.hpp>
#include <fictive/testing/detail/misbehaving_server.hpp>
#include <fictive/transport.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

// Runs the checks. Each consists of trials of a new transport against servers of its own.

namespace fictive::detail::conformance {

using testing::conformance_check;
using testing::conformance_options;
using testing::conformance_outcome;

/// A type-erased blocking transport.
using any_transport = std::function<result<http_response>(http_request const&, stop_token const&)>;

template <transport Transport>
any_transport erase_type(Transport made) {
  return [held = std::make_shared<Transport>(std::move(made))](http_request const& request,
                                                               stop_token const& stop) -> result<http_response> {
    return detail::send(*held, request, stop);
  };
}

/// The text with control characters and ill-formed UTF-8 as escapes of C++.
inline std::string legible(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string line;
  while (!text.empty()) {
    auto const [value, size] = decode_utf8(text);
    if (value == '\n') {
      line += "\\n";
    } else if (value == '\r') {
      line += "\\r";
    } else if (value == '\t') {
      line += "\\t";
    } else if (size == 0 || is_control_character(value)) {
      for (char c : text.substr(0, (std::max)(size, std::size_t(1)))) {
        auto const byte = static_cast<unsigned char>(c);
        line.append("\\x").append({digits[byte >> 4], digits[byte & 0xF]});
      }
    } else {
      line += text.substr(0, size);
    }
    text.remove_prefix((std::max)(size, std::size_t(1)));
  }
  return line;
}

/// The findings of one check.
struct findings {
  std::vector<std::string> broken = {}, dangerous = {}, remarks = {};
  std::string left_out_because = {};
  bool is_slow = false;   ///< a call returned too late: the other cases would also take their time
  bool has_hung = false;  ///< a call did not return
};

/// Thrown out of a trial when a call did not return.
struct transport_hangs {};

/// A call of a transport on a thread of its own, which is left behind if the call does not return.
class transport_call {
 public:
  transport_call(any_transport transport, http_request request, stop_token stop)
      : thread_([state = state_, transport = std::move(transport), request = std::move(request),
                 stop = std::move(stop)]() mutable { state->run(transport, request, stop); }) {}

  transport_call(transport_call const&) = delete;
  transport_call& operator=(transport_call const&) = delete;
  ~transport_call() {
    if (thread_.joinable()) thread_.detach();
  }

  /// Throws what the transport threw, or `transport_hangs`.
  result<http_response> wait_until(clock::time_point deadline) {
    std::unique_lock lock(state_->mutex);
    if (!state_->has_returned.wait_until(lock, deadline, [this] { return state_->returned.has_value(); }))
      throw transport_hangs();
    lock.unlock();
    thread_.join();
    if (state_->thrown) std::rethrow_exception(state_->thrown);
    return *std::move(state_->reply);
  }

  /// When the call returned, which it has.
  [[nodiscard]] clock::time_point returned() const { return *state_->returned; }

 private:
  struct shared_state {
    void run(any_transport& transport, http_request const& request, stop_token const& stop) {
      try {
        reply = transport(request, stop);
      } catch (...) {
        thrown = std::current_exception();
      }
      auto const now = clock::now();
      transport = nullptr;  // the trial ends it
      std::lock_guard lock(mutex);
      returned = now;
      has_returned.notify_all();
    }

    std::mutex mutex;
    std::condition_variable has_returned;
    std::optional<clock::time_point> returned;
    std::optional<result<http_response>> reply;
    std::exception_ptr thrown;
  };

  std::shared_ptr<shared_state> state_ = std::make_shared<shared_state>();
  std::thread thread_;
};

/// A request, its result, and the time from its begin, or from the stop request, to its end.
struct sent_request {
  std::string marker;  ///< in the target and the body of this request only
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

/// A correct response: JSON with the target of the request, so that a response to another request is detected.
inline std::string answer_to(received_request const& request) {
  return response_text(200, {{"Content-Type", "application/json"}}, "{\"to\":\"" + request.target + "\"}");
}

/// Answers all requests. Closes the connection if the client requests that, or sends no further request soon.
inline void serve_well(peer& client) {
  while (client.has_more()) {
    auto const request = client.read_request();
    client.send(answer_to(request));
    auto const* connection = find_header(request.headers, "Connection");
    if (connection && equals_ignoring_case(*connection, "close")) return;
  }
}

/// Misbehaves on the first connection, and serves all later ones correctly.
inline session at_first(session misbehave) {
  return [misbehave = std::move(misbehave)](peer& client) {
    if (client.number() > 0) return serve_well(client);
    misbehave(client);
  };
}

/// Answers every request with the same response.
inline session answering(std::string answer) {
  return [answer = std::move(answer)](peer& client) {
    while (client.has_more()) {
      client.read_request();
      client.send(answer);
    }
  };
}

/// A new transport and its servers.
class trial {
 public:
  trial(std::string name, any_transport transport, conformance_options const& options, clock::time_point deadline,
        findings& found)
      : name_(std::move(name)),
        transport_(std::move(transport)),
        options_(options),
        deadline_(deadline),
        found_(found) {}

  [[nodiscard]] conformance_options const& options() const noexcept { return options_; }

  /// Starts a server.
  misbehaving_server& serve(session behaviour, server_options how = {}) {
    auto& server = bind(std::move(behaviour), std::move(how));
    server.listen();
    return server;
  }
  misbehaving_server& serve_stalling(session behaviour, server_options how = {}) {
    how.lifetime = stalling_lifetime();
    return serve(std::move(behaviour), std::move(how));
  }
  /// Longer than a call of a transport that enforces its total timeout.
  [[nodiscard]] std::chrono::milliseconds stalling_lifetime() const {
    return options_.timeout + options_.grace + std::chrono::milliseconds(500);
  }
  /// Reserves a port for a server that does not listen yet.
  misbehaving_server& bind(session behaviour, server_options how = {}) {
    how.lifetime = (std::min)(how.lifetime, std::chrono::ceil<std::chrono::milliseconds>(deadline_ - clock::now()));
    return servers_.emplace_back(std::move(behaviour), std::move(how));
  }

  /// A request like those of the library, with the next marker of this trial.
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
  /// The same with a short total timeout.
  [[nodiscard]] http_request short_request_to(misbehaving_server const& server) const {
    auto request = request_to(server);
    request.limits.total_timeout = options_.timeout;
    return request;
  }

  sent_request const& send(http_request const& request, stop_token const& stop = {}) {
    auto const begin = clock::now();
    transport_call call(transport_, request, stop);
    auto reply = call.wait_until(latest_return());
    return sent_.emplace_back(sent_request{next_marker(), std::move(reply), milliseconds_of(call.returned() - begin)});
  }

#if defined(__cpp_lib_jthread)
  /// The same, with a stop request when `is_time` has returned.
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
    transport_call call(transport_, request, stopper.get_token());
    try {
      reply = call.wait_until(latest_return());
    } catch (...) {
      stopping.join();
      throw;
    }
    stopping.join();
    auto const took = (std::max)(milliseconds_of(call.returned() - stopped), std::chrono::milliseconds(0));
    return sent_.emplace_back(sent_request{std::move(marker), std::move(*reply), took});
  }
#endif

  // Expectations. In addition, `finish` checks that no request was sent twice, and that each `effect::none` was true.

  void expect(bool kept, std::string const& otherwise) {
    if (!kept) found_.broken.push_back(prefixed(otherwise));
  }
  void remark(std::string const& text) {
    found_.remarks.push_back(prefixed(text));
  }
  void leave_out(std::string because) {
    found_.left_out_because = std::move(because);
  }

  void expect_status(sent_request const& sent, int status) {
    expect(sent.reply && sent.reply->status == status,
           "expected status " + std::to_string(status) + ", got " + describe(sent));
  }
  void expect_answer(sent_request const& sent, int status, std::string_view body) {
    expect(sent.reply && sent.reply->status == status && sent.reply->body == body,
           "expected status " + std::to_string(status) + " and its body of " + std::to_string(body.size()) +
               " bytes, got " + describe(sent) +
               (sent.reply && sent.reply->body.size() == body.size() ? " (different ones)" : ""));
  }
  /// Expects the response of `answer_to` to this request.
  void expect_own_answer(sent_request const& sent) {
    if (!sent.reply) return expect(false, "expected a response to " + sent.marker + ", got " + describe(sent));
    expect(sent.reply->status == 200 && sent.reply->body.find(mark(sent.marker)) != std::string::npos,
           "the response to " + sent.marker + " is not its own: " + describe(sent));
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
    bool const is_in_time = sent.took <= limit + options_.grace;
    found_.is_slow |= !is_in_time;
    expect(is_in_time, "expected an end within " + std::to_string(limit.count()) + " ms, and " +
                           std::to_string(options_.grace.count()) + " ms of grace, but it took " +
                           std::to_string(sent.took.count()) + " ms; any further cases are skipped");
  }
  /// Waits until the client can detect that the server has closed its first connection.
  void wait_for_end(misbehaving_server const& server) {
    server.seen().wait_for_ends(1, std::chrono::seconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  /// Expects that the next request to the server, which behaves correctly by now, is answered.
  void expect_recovery(misbehaving_server const& server) {
    expect_own_answer(send(request_to(server)));
  }

  /// Ends the transport and the servers, and evaluates their logs.
  void finish() {
    transport_ = nullptr;
    for (auto& server : servers_) server.end();
    std::size_t begun = 0, unmarked = 0;
    for (auto const& server : servers_) {
      auto const fragments = server.seen().fragments();
      begun += server.seen().requests().size() + fragments.size();
      unmarked += static_cast<std::size_t>(std::count_if(fragments.begin(), fragments.end(), [](auto const& fragment) {
        return fragment.find(marker_begin) == std::string::npos;
      }));
    }
    for (auto const& one : sent_) expect_sent_once(one, unmarked);
    if (begun > sent_.size())
      report_dangerous(std::to_string(sent_.size()) + " requests were to be sent, but " + std::to_string(begun) +
                       " were started");
  }

  void fail(std::string const& what) {
    expect(false, what);
  }

 private:
  static constexpr std::string_view marker_begin = "/call-";

  static std::chrono::milliseconds milliseconds_of(clock::duration duration) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(duration);
  }
  /// By then, every connection has ended, a system has tried again to connect, and a call must have returned.
  [[nodiscard]] clock::time_point latest_return() const {
    auto latest = clock::now() + stalling_lifetime();
    for (auto const& server : servers_) latest = (std::max)(latest, server.deadline());
    return (std::min)(latest + std::chrono::seconds(2), deadline_) + options_.grace;
  }
  static std::string mark(std::string const& marker) {
    return "/" + marker + "/";
  }

  [[nodiscard]] std::string next_marker() const {
    return "call-" + std::to_string(sent_.size() + 1);
  }
  [[nodiscard]] std::string prefixed(std::string const& text) const {
    return legible(name_.empty() ? text : name_ + ": " + text);
  }
  void report_dangerous(std::string const& what) {
    found_.dangerous.push_back(prefixed("dangerous: " + what));
  }

  void expect_sent_once(sent_request const& one, std::size_t unmarked) {
    std::size_t whole = 0, begun = 0;
    for (auto const& server : servers_) {
      for (auto const& request : server.seen().requests())
        whole += request.target.find(mark(one.marker)) != request.target.npos;
      for (auto const& fragment : server.seen().fragments()) begun += fragment.find(mark(one.marker)) != fragment.npos;
    }
    begun += whole;
    if (begun > 1)
      report_dangerous(one.marker + " was sent " + std::to_string(begun) + " times, and delivered " +
                       std::to_string(whole) + " times");
    if (one.claims_no_effect() && begun + unmarked > 0)
      report_dangerous(one.marker + " failed with effect none, but " +
                       (whole > 0 ? "the whole request was delivered" : "bytes of the request arrived"));
  }

  std::string name_;
  any_transport transport_;
  conformance_options const& options_;
  clock::time_point const deadline_;
  findings& found_;
  std::list<misbehaving_server> servers_;
  std::list<sent_request> sent_;
};

/// Runs the trials of one check.
class checking {
 public:
  checking(std::function<any_transport()> const& make, conformance_options const& options, clock::time_point deadline)
      : make_(make), options_(options), deadline_(deadline) {}

  /// `name` distinguishes the trials of a check.
  template <class Body>
  void trial(std::string name, Body body) {
    if (found_.is_slow || found_.has_hung) return;
    if (clock::now() >= deadline_) return run_out_of_time();
    conformance::trial one(std::move(name), make_(), options_, deadline_, found_);
    try {
      body(one);
    } catch (transport_hangs const&) {
      found_.has_hung = true;
      one.fail("the transport did not return, although its connections had ended");
    } catch (std::exception const& thrown) {
      one.fail(std::string("the transport threw: ") + thrown.what());
    } catch (...) {
      one.fail("the transport threw an exception that is not a std::exception");
    }
    one.finish();
  }
  template <class Body>
  void trial(Body body) {
    trial("", std::move(body));
  }

  void leave_out(std::string because) { found_.left_out_because = std::move(because); }

  void run_out_of_time() {
    if (!is_out_of_time_) found_.broken.emplace_back("not checked to the end: max_duration was over");
    is_out_of_time_ = true;
  }

  [[nodiscard]] bool has_hung() const noexcept { return found_.has_hung; }

  [[nodiscard]] conformance_check report(std::string name) const {
    auto const limitation = std::find_if(options_.known_limitations.begin(), options_.known_limitations.end(),
                                         [&](auto const& one) { return one.check == name; });
    bool const is_known = limitation != options_.known_limitations.end() && !found_.has_hung && !is_out_of_time_;
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
  clock::time_point const deadline_;
  findings found_;
  bool is_out_of_time_ = false;
};

struct named_check {
  std::string name;
  std::function<void(checking&)> make;
};

inline void expect_names(std::vector<named_check> const& checks, std::string const& name) {
  if (std::none_of(checks.begin(), checks.end(), [&](auto const& check) { return check.name == name; }))
    throw std::invalid_argument("no check has the name \"" + name + "\"");
}

inline std::vector<conformance_check> run(std::vector<named_check> const& checks,
                                          std::function<any_transport()> const& make,
                                          conformance_options const& options) {
  for (auto const& limitation : options.known_limitations) expect_names(checks, limitation.check);
  for (auto const& name : options.only) expect_names(checks, name);
  auto const deadline = clock::now() + options.max_duration - options.grace;
  bool has_hung = false;
  std::vector<conformance_check> reports;
  for (auto const& [name, make_check] : checks) {
    if (!options.only.empty() && std::find(options.only.begin(), options.only.end(), name) == options.only.end())
      continue;
    if (has_hung) {
      reports.push_back({.name = name,
                         .outcome = conformance_outcome::broken,
                         .details = "  not checked: the transport did not return from an earlier call"});
    } else {
      checking check(make, options, deadline);
      make_check(check);
      has_hung = check.has_hung();
      reports.push_back(check.report(name));
    }
    if (options.on_result) options.on_result(reports.back());
  }
  return reports;
}

}  // namespace fictive::detail::conformance

#endif
