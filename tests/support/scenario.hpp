#ifndef FICTIVE_TESTS_SUPPORT_SCENARIO_HPP
#define FICTIVE_TESTS_SUPPORT_SCENARIO_HPP

#include <fictive/fictive.hpp>
#include <fictive/testing.hpp>

#include "support/catch.hpp"
#include "support/fixtures.hpp"

#include <chrono>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

namespace tests {

using times = std::vector<std::chrono::nanoseconds>;

enum class client_kind { blocking, asynchronous };

/// Calls by either client over the same scripted network, in virtual time. Each test case that has one runs twice.
struct scenario {
  client_kind kind = GENERATE(client_kind::blocking, client_kind::asynchronous);
  fictive::testing::scripted_transport network = {};
  fictive::testing::fake_service service = {};
  fictive::client_config config = session_config(steady());
  /// When the last call ended.
  std::chrono::nanoseconds ended = {};

  fictive::result<fictive::invite_response> invite(fictive::stop_token stop = {},
                                                   fictive::invite_request const& request = invite_jamie) {
    if (kind == client_kind::blocking) {
      fictive::client client{network, config};
      auto reply = client.invite(request, {.stop = std::move(stop)});
      ended = now();
      network.clock().run();
      return reply;
    }
    fictive::async_client client{network, config};
    std::vector<fictive::result<fictive::invite_response>> replies;
    client.async_invite(request, {.stop = std::move(stop)}, [&](fictive::result<fictive::invite_response> reply) {
      ended = now();
      replies.push_back(std::move(reply));
    });
    network.clock().run();
    REQUIRE(replies.size() == 1);
    return replies.front();
  }

  fictive::error fail(fictive::stop_token stop = {}) {
    auto const reply = invite(std::move(stop));
    REQUIRE(!reply);
    check_limits();
    return reply.error();
  }

  [[nodiscard]] std::chrono::nanoseconds now() const { return network.now().time_since_epoch(); }

  [[nodiscard]] std::size_t sent() const { return network.requests().size(); }

  [[nodiscard]] fictive::http_request const& request(std::size_t index) const {
    return network.requests().at(index).request;
  }

  [[nodiscard]] times sent_at() const {
    times all;
    for (auto const& one : network.requests()) all.push_back(one.at.time_since_epoch());
    return all;
  }

  /// From each request to the next.
  [[nodiscard]] times waits() const {
    auto all = sent_at();
    std::adjacent_difference(all.begin(), all.end(), all.begin());
    if (!all.empty()) all.erase(all.begin());
    return all;
  }

  /// Many HTTP stacks treat a limit that is not positive as no limit.
  void check_limits() const {
    for (auto const& one : network.requests()) {
      CHECK(one.request.limits.total_timeout > std::chrono::milliseconds(0));
      CHECK(one.request.limits.connect_timeout > std::chrono::milliseconds(0));
    }
  }
};

}  // namespace tests

#endif
