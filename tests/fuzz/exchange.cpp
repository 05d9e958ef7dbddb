#include <fictive/beast.hpp>

#include "fuzz/support/fuzz.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

// One HTTP exchange with a network that the input decides: the first line makes the choices, one byte each, and what
// follows is what the server sends.

namespace fuzz {

using namespace std::chrono_literals;
using fictive::effect;
using fictive::beast::detail::exchange_machine;
using step = fictive::beast::detail::exchange_step;
using error_code = boost::system::error_code;
namespace asio = boost::asio;

/// A driver without a network, which checks what it is asked to do.
class simulation {
 public:
  simulation(choices choose, std::string_view answer)
      : choose_(choose), answer_(answer), request_(request()), machine_(url(), request_, buffers_, now_, 250ms) {
    if (choose_.below(4) == 0) {
      machine_.reuse_connection();
      is_open_ = true;
    }
  }

  void run() {
    // After the end of the input, a step takes the simulated network no more than one result.
    for (int steps = 0; steps < 5000; ++steps) {
      auto const next = machine_.next(now_);
      if (next == step::done) return check_end();
      take(next);
      if (next == step::wait || choose_.below(3) == 0) happen(next == step::wait);
    }
    require(false, "an exchange ends");
  }

 private:
  static constexpr char const* urls[] = {"https://service.example/path", "http://127.0.0.1:80"};

  fictive::http_request request() {
    return {.method = "POST",
            .url = urls[choose_.below(2)],
            .headers = {{"X-SessionId", "secret"}},
            .body = std::string(choose_.below(2) == 0 ? 2 : 5000, ' '),
            .limits = {.max_header_bytes = 400, .max_body_bytes = 400}};
  }

  [[nodiscard]] fictive::detail::url_parts url() const { return *fictive::detail::split_url(request_.url); }

  error_code any_error() {
    error_code const errors[] = {asio::error::connection_reset, asio::error::eof, asio::error::operation_aborted,
                                 asio::error::timed_out, asio::error::connection_refused};
    return errors[choose_.below(5)];
  }

  /// Does what the machine asks for.
  void take(step next) {
    switch (next) {
      case step::resolve: require(!std::exchange(is_resolving_, true), "one resolution"); break;
      case step::connect:
        require(connecting_.insert(machine_.attempt()).second, "an attempt connects once at a time");
        break;
      case step::abandon:
        require(connecting_.count(machine_.attempt()) == 1 || connected_.count(machine_.attempt()) == 1,
                "only an attempt is abandoned");
        break;
      case step::select:
        require(connected_.count(machine_.attempt()) == 1 && !is_open_, "a connected socket is selected");
        is_open_ = true;
        break;
      case step::handshake:
        require(is_open_ && !is_handshaking_ && url().is_https(), "a handshake is on an open connection");
        is_handshaking_ = true;
        break;
      case step::check: machine_.checked(choose_.below(8) == 1 ? any_error() : error_code(), now_); break;
      case step::write:
        require(is_open_ && !is_writing_ && asio::buffer_size(machine_.unwritten()) > 0,
                "a write has something to write");
        require(!final_head_was_seen(), "nothing is written after a final response began");
        is_writing_ = has_asked_to_write_ = true;
        break;
      case step::read:
        require(is_open_ && !is_reading_, "one read at a time");
        is_reading_ = true;
        break;
      case step::read_available:
        require(is_open_ && !is_reading_, "one read at a time");
        is_reading_ = true;
        deliver(choose_.below(2) == 0 ? error_code(asio::error::would_block) : error_code());
        break;
      case step::cancel: is_cancelled_ = true; break;
      case step::close:
        require(is_open_, "an open connection is closed");
        is_open_ = false;
        is_cancelled_ = true;
        break;
      case step::wait:
      case step::done: break;
    }
  }

  /// An event: the result of an operation in progress, time, or a stop. `must`: nothing else can happen.
  void happen(bool must) {
    auto const what = choose_.below(8);
    if (what == 6 && choose_.below(4) == 1) return machine_.stop();
    if (what == 7) return pass(std::chrono::milliseconds(choose_.below(255) * 100));
    for (unsigned i = 0; i < 5; ++i)
      if (complete((what + i) % 5)) return;
    if (must) pass(machine_.wait_until() == exchange_machine::time_point::max() ? 1h : machine_.wait_until() - now_);
  }

  void pass(std::chrono::steady_clock::duration duration) {
    now_ += (std::max)(duration, std::chrono::steady_clock::duration(0));
    machine_.time_passed(now_);
  }

  bool complete(unsigned what) {
    switch (what) {
      case 0: return is_resolving_ && !std::exchange(has_resolved_, true) && (resolve(), true);
      case 1: return !connecting_.empty() && (connect(), true);
      case 2: return std::exchange(is_handshaking_, false) && (handshake(), true);
      case 3: return is_writing_ && (write(), true);
      default: return is_reading_ && (deliver({}), true);
    }
  }

  void resolve() {
    if (choose_.below(8) == 1) return machine_.resolved(any_error(), {});
    std::vector<exchange_machine::endpoint> endpoints;
    char const* const addresses[] = {"192.0.2.1", "2001:db8::1", "192.0.2.2"};
    for (auto count = choose_.below(4); count > 0; --count)
      endpoints.emplace_back(asio::ip::make_address(addresses[choose_.below(3)]), 443);
    machine_.resolved({}, std::move(endpoints));
  }

  void connect() {
    auto const which = *std::next(connecting_.begin(), choose_.below(static_cast<unsigned>(connecting_.size())));
    connecting_.erase(which);
    auto const ec = choose_.below(4) == 1 ? any_error() : error_code();
    if (!ec) connected_.insert(which);
    machine_.connected(which, ec, now_);
  }

  void handshake() {
    bool const fails = is_cancelled_connection() || choose_.below(8) == 1;
    machine_.handshaken(fails ? std::error_code(any_error()) : std::error_code(), now_);
  }

  [[nodiscard]] bool is_cancelled_connection() const { return !is_open_; }

  void write() {
    is_writing_ = false;
    auto const all = asio::buffer_size(machine_.unwritten());
    if (is_cancelled_ || choose_.below(8) == 1) {
      is_cancelled_ = false;
      auto const ec = is_cancelled_connection() ? error_code(asio::error::operation_aborted) : any_error();
      // A write that was aborted may have sent something.
      has_sent_ = has_sent_ || ec == asio::error::operation_aborted;
      return machine_.wrote(ec, 0);
    }
    auto const size = choose_.below(2) == 0 ? all : (std::min)(all, std::size_t{1} + choose_.below(200));
    has_sent_ = has_sent_ || size > 0;
    sent_ += size;
    machine_.wrote({}, size);
  }

  void deliver(error_code ec) {
    is_reading_ = false;
    if (!ec && !is_open_) ec = asio::error::operation_aborted;
    if (!ec && answer_.empty()) ec = asio::error::eof;
    if (!ec && choose_.below(16) == 1) ec = any_error();
    std::size_t size = 0;
    if (!ec) {
      auto const buffer = machine_.read_buffer();
      size =
          (std::min)({buffer.size(), answer_.size(), choose_.below(2) == 0 ? answer_.size() : 1 + choose_.below(50)});
      asio::buffer_copy(buffer, asio::buffer(answer_.data(), size));
      received_ += answer_.substr(0, size);
      answer_.remove_prefix(size);
    }
    machine_.received(ec, size, ec == asio::error::eof && choose_.below(4) == 1);
  }

  /// The first final response in what was received, read at once.
  [[nodiscard]] std::optional<fictive::beast::detail::response_reader> final_response() const {
    std::string rest = received_;
    for (;;) {
      std::optional<fictive::beast::detail::response_reader> reader(std::in_place, request_.limits);
      error_code ec;
      while (!rest.empty() && !ec && !reader->has_ended()) rest.erase(0, reader->parse(asio::buffer(rest), ec));
      if (!reader->is_header_done()) return std::nullopt;
      auto const status = reader->response.status;
      if (status >= 200 || status == 101) return reader;
      if (!reader->has_ended() || rest.empty()) return std::nullopt;
    }
  }

  [[nodiscard]] bool final_head_was_seen() const { return final_response().has_value(); }

  void check_end() {
    require(!is_handshaking_ && !is_writing_ && !is_reading_, "nothing is in progress at the end");
    require(connecting_.empty(), "no attempt is in progress at the end");
    bool const is_reusable = machine_.connection_is_reusable();
    auto const whole = asio::buffer_size(machine_.unwritten()) + sent_;
    auto const outcome = machine_.outcome();
    require(buffers_.head.empty(), "the head, which has secrets, is wiped");
    if (outcome) {
      auto const expected = final_response();
      require(expected && expected->response.status == outcome->status && expected->response.body == outcome->body &&
                  expected->response.headers.size() == outcome->headers.size(),
              "the response is what the server sent");
      require(!is_reusable || (is_open_ && sent_ == whole), "a connection is reused after a whole request");
      return;
    }
    require(!is_reusable && !is_open_, "a connection that failed is closed");
    auto const& e = outcome.error();
    if (e.status == 0) {
      require(!has_sent_ || e.effect == effect::unknown, "what was sent may have had an effect");
      require(has_asked_to_write_ || e.effect == effect::none, "what was not sent had no effect");
    }
    require(!e.message.empty() && is_ascii_line(e.message), "an error has a message");
  }

  choices choose_;
  std::string_view answer_;
  std::string received_;
  exchange_machine::time_point now_ = exchange_machine::time_point(1h);
  fictive::beast::detail::exchange_buffers buffers_;
  fictive::http_request request_;
  exchange_machine machine_;
  std::set<std::size_t> connecting_, connected_;
  std::size_t sent_ = 0;
  bool is_resolving_ = false, has_resolved_ = false, is_open_ = false, is_handshaking_ = false, is_writing_ = false,
       is_reading_ = false, is_cancelled_ = false, has_asked_to_write_ = false, has_sent_ = false;
};

void test(std::string_view input) {
  auto const line = input.find('\n');
  auto const answer = line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
  simulation(choices{input.substr(0, line)}, answer).run();
}

}  // namespace fuzz
